#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
#
# What a run may take on two cores, in minutes, beside what it took. It tells and does not judge: machines differ.
#   budget.sh state                   warm, where earlier runs left programs, image layers and a cluster; else cold
#   budget.sh tell test STATE SECONDS one line
set -euo pipefail

home=${GABION_HOME:-$HOME/.cache/gabion}

case ${1:-} in
  state)
    if [[ -e $home/bin/kind && -e $home/clusters/gabion.json ]] && compgen -G "$home/layers/*-aot-*.tar" >/dev/null; then
      echo warm
    else
      echo cold
    fi
    ;;
  tell)
    case $2-$3 in
      test-warm) minutes=20 ;;
      test-cold) minutes=55 ;;
      demo-warm) minutes=4 ;;
      demo-cold) minutes= ;;
      *) echo "error: no budget is called $2-$3" >&2; exit 2 ;;
    esac
    took=$(printf '%d:%02d' $(($4 / 60)) $(($4 % 60)))
    if [[ -z $minutes ]]; then
      echo "$took minutes, with nothing left by earlier runs (on two cores a second run may take 4)"
    elif (($4 <= minutes * 60)); then
      echo "$took minutes of $minutes ($3, on two cores)"
    else
      echo "$took minutes, MORE than the $minutes of the budget ($3, on two cores; here: $(nproc))"
    fi
    ;;
  *) echo "usage: budget.sh state | tell test|demo warm|cold SECONDS" >&2; exit 2 ;;
esac
