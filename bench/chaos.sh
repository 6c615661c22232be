#!/bin/bash
# Hosts that die, hang, reset, answer slowly or with garbage and come back, host lists that change ten times a second, under load on two loops: chaos.sh [SECONDS]
# The same as ChaosTests, which runs it for some seconds. Says what it found by its exit code.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
export OUTRIDER_CHAOS_SECONDS=${1:-600}
dotnet test tests/Outrider.Tests -c Release --nologo --filter "FullyQualifiedName~ChaosTests|FullyQualifiedName~HungHostTests"
