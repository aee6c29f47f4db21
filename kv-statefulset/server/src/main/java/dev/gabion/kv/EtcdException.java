// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv;

/**
 * A refusal that etcd's API has a name for. It is an answer, not a fault: it has no stack trace, which on the path of every
 * operation would cost more than the operation.
 */
public final class EtcdException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final EtcdError error;

    EtcdException(EtcdError error) {
        super(error.text(), null, false, false);
        this.error = error;
    }

    public EtcdError error() {
        return error;
    }
}
