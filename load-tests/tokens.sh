#!/bin/sh
# Prints access tokens for MEMBERS connections, one a line, for the k6 and Artillery scenarios:
#   HOLDFAST_DATA=data load-tests/tokens.sh 1000 > tokens.txt
set -eu

members=${1:-${MEMBERS:-200}}
holdfast=${HOLDFAST:-target/release/holdfast}

# A device may hold 16 connections, and a process for each token is slow: 16 connections share one. The last, partly
# spare one is for a load generator that starts one connection more than it was asked to.
count=$((members / 16 + 1))
n=1
while [ "$n" -le "$count" ]; do
    "$holdfast" token --sub "member-$n" --ttl "${TTL:-1h}"
    n=$((n + 1))
done
