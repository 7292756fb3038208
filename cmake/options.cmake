# SPDX-License-Identifier: GPL-2.0-or-later
# Compiler options of every target, and the libraries from the distribution.

add_library(umbra_options INTERFACE)
target_compile_options(umbra_options INTERFACE
    -Wall -Wextra -Wconversion -Wno-sign-conversion
    $<$<COMPILE_LANGUAGE:C>:-Wshadow -Wstrict-prototypes -Wmissing-prototypes>
    -Wimplicit-fallthrough -Wvla -Werror
    # A thread of SystemC may be unwound through whatever it called.  Tables are
    # enough for that: C has nothing to clean up, so no code comes with them.
    -funwind-tables)

if(UMBRA_SANITIZE)
    target_compile_options(umbra_options INTERFACE
        -fsanitize=${UMBRA_SANITIZE} -fno-sanitize-recover=all
        -fno-omit-frame-pointer)
    target_link_options(umbra_options INTERFACE -fsanitize=${UMBRA_SANITIZE})
    # Off at run time anyway; so there is no code either.
    if(UMBRA_FUZZ AND UMBRA_SANITIZE MATCHES address)
        target_compile_options(umbra_options INTERFACE
            -fsanitize-address-use-after-return=never)
    endif()
endif()

if(UMBRA_COVERAGE)
    target_compile_options(umbra_options INTERFACE --coverage)
    target_link_options(umbra_options INTERFACE --coverage)
endif()

# An engine from outside (OSS-Fuzz, ClusterFuzzLite) brings its flags in CFLAGS
# and is linked as C++; else libFuzzer is clang's.
if(UMBRA_FUZZ AND DEFINED ENV{LIB_FUZZING_ENGINE})
    set(UMBRA_FUZZ_ENGINE $ENV{LIB_FUZZING_ENGINE})
elseif(UMBRA_FUZZ)
    # Edges, without the comparisons: tracing those costs half of the speed,
    # and inputs are made of values that mean something already.
    set(UMBRA_FUZZ_COVERAGE
        -fsanitize-coverage=inline-8bit-counters,pc-table)
    # Programs without an engine have the runtime that counters report to.
    target_link_options(umbra_options INTERFACE -fsanitize=fuzzer-no-link)
    set(UMBRA_FUZZ_ENGINE -fsanitize=fuzzer)
endif()

find_package(PkgConfig REQUIRED)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
if(UMBRA_SIM)
    pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET systemc)
endif()
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
find_package(ZLIB REQUIRED)

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
