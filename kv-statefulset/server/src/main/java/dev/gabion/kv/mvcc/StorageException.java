// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.mvcc;

/** The storage engine failed: disk full, bytes that do not match their checksum. The member must not go on as if it had not. */
public final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StorageException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }

    StorageException(String message) {
        super(message);
    }
}
