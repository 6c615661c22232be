#!/bin/bash
# Hosts that die, hang, reset, answer slowly or with garbage and come back, host lists that change ten times a second, a name whose addresses and whose server flap, under load on
# two loops; and one of three hosts stopped under 500 GET/s: chaos.sh [SECONDS]
# The same as ChaosTests, which runs it for some seconds: what clients saw is held against the logs and the counters, memory and descriptors against what they were.
# Prints what there was; exits 0 when all of it held.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
export OUTRIDER_CHAOS_SECONDS=${1:-600}
dotnet test tests/Outrider.Tests -c Release --nologo --filter "FullyQualifiedName~ChaosTests|FullyQualifiedName~HungHostTests" --logger "console;verbosity=detailed" "${@:2}"
