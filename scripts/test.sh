#!/usr/bin/env bash
# Installs what is missing, builds program and tests with warnings as errors, and runs the tests.
#
#   scripts/test.sh                  everything but the tests labelled `long`
#   scripts/test.sh --full           those too, clang-tidy, doxygen, fuzz targets, what solves with OpenBLAS's kernels of several processors, operators
#                                    and solvers built for deal.II's own vector width, and unit and integration tests of the presets
#                                    debug and sanitize
#   scripts/test.sh --preset debug   another preset of CMakePresets.json (release, debug, sanitize)
#   scripts/test.sh -- ARGUMENT ...  the rest goes to ctest: -R Mesh, -L unit ...
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=release
selection=(-LE '^long$')
full=no
while [ $# -gt 0 ]; do
  case "$1" in
    --full)
      selection=()
      full=yes
      ;;
    --preset)
      preset=${2:?"--preset needs a name"}
      shift
      ;;
    --)
      shift
      break
      ;;
    -h | --help)
      sed -n '2,9s/^# \{0,1\}//p' "$0"
      exit 0
      ;;
    *)
      echo "test.sh: unknown argument '$1'; known: --full, --preset NAME, -- CTEST ARGUMENTS" >&2
      exit 1
      ;;
  esac
  shift
done

checks=(--with-plots) # scripts that draw are tested, too
[ "$full" = no ] || checks+=(--with-checks)
"$top/scripts/install_dependencies.sh" "${checks[@]}"
. "$top/scripts/environment.sh"
build="$top/build/$preset-tests"
cmake --preset "$preset" -S "$top" -B "$build" -DLODESTONE_TESTS=ON -DLODESTONE_WARNINGS_AS_ERRORS=ON
cmake --build "$build" --parallel "$(build_jobs)"
ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$(cores)" "${selection[@]}" "$@" </dev/null

# What reads the sources instead of running them; 77 means that there is nothing to read them with.
if [ "$full" = yes ]; then
  "$top/scripts/check_doxygen.sh" || [ $? = 77 ]
  JOBS=$(build_jobs) "$top/scripts/check_tidy.py" "$build" || [ $? = 77 ]
fi

# Readers on inputs that libFuzzer makes; 77 means that there is no clang with it.
if [ "$full" = yes ]; then
  "$top/scripts/fuzz.sh" || [ $? = 77 ]
fi

# Kernels of OpenBLAS round differently from processor to processor, and what solves must not depend on it: those that any 64-bit processor
# runs, those that this one has the vectors for, and the ones that OpenBLAS chooses by itself.
if [ "$full" = yes ]; then
  kernels=(Prescott Nehalem)
  ! grep -qw avx2 /proc/cpuinfo || kernels+=(Haswell)
  ! grep -qw avx512vl /proc/cpuinfo || kernels+=(SkylakeX)
  tests=(solver_test solvers_test multigrid_test hard_cases_test half_space_sources_test half_space_loads_test unimak_half_space_test twins_test r3_test)
  for kernel in "${kernels[@]}" ""; do
    echo "OpenBLAS with the kernels ${kernel:-that it chooses}"
    env -u OPENBLAS_CORETYPE ${kernel:+OPENBLAS_CORETYPE=$kernel} \
      ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$(cores)" -R "\.($(IFS='|' && echo "${tests[*]}"))(\.|\$)" </dev/null
  done
fi

# Where deal.II is a package without vector instructions, what runs is our own instances of its kernels: the library's must do as well.
if [ "$full" = yes ]; then
  build=$top/build/$preset-stock
  tests=(solver_matrix_free_test multigrid_test solvers_test)
  cmake --preset "$preset" -S "$top" -B "$build" -DLODESTONE_TESTS=ON -DLODESTONE_WARNINGS_AS_ERRORS=ON -DLODESTONE_SIMD=stock
  cmake --build "$build" --parallel "$(build_jobs)" --target "${tests[@]}"
  ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$(cores)" -R "\.($(IFS='|' && echo "${tests[*]}"))(\.|\$)" </dev/null
fi

# The same tests with deal.II's own checks, and with those of the address and undefined-behaviour sanitizers. What is compiled with these
# takes hours on two cores.
if [ "$full" = yes ] && [ "$preset" = release ]; then
  for other in debug sanitize; do
    "$top/scripts/test.sh" --preset "$other" -- -L 'unit|integration'
  done
fi
