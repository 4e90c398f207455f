# Options, flags for every target, and the compiler cache.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(STRATA_WERROR "Treat warnings as errors (continuous integration does)" OFF)
option(STRATA_BUILD_CLI "Build the strata program" ${PROJECT_IS_TOP_LEVEL})
option(STRATA_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(STRATA_BUILD_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(STRATA_BUILD_FUZZERS "Build the fuzz targets (replay only, unless STRATA_LIBFUZZER)" ${PROJECT_IS_TOP_LEVEL})
option(STRATA_BUILD_BENCHES "Define the benchmarks (target 'benches', optimised builds only)" ${PROJECT_IS_TOP_LEVEL})
option(STRATA_LIBFUZZER "Link fuzz targets with libFuzzer (clang)" OFF)
option(STRATA_TOGETHER "Compile the sources of a floor eight at a time (make run and release builds do)" OFF)
option(STRATA_CCACHE "Compile through ccache when it is installed" ${PROJECT_IS_TOP_LEVEL})
set(STRATA_SANITIZE "" CACHE STRING "Sanitizers for everything, as in -fsanitize= (address,undefined | thread)")
option(STRATA_COVERAGE "Count which lines run (gcov)" OFF)

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

# Position independence is left to the compiler's default (PIE on Debian): libraries and programs then share one
# precompiled header. Who links Strata into a shared object sets CMAKE_POSITION_INDEPENDENT_CODE=ON.

# Designated initialisers name what differs and leave the rest as declared: that is their point, not a mistake.
set(STRATA_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wno-missing-field-initializers)
if(STRATA_WERROR)
    list(APPEND STRATA_WARNINGS -Werror)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # g++ 12 guesses these from optimised code, and guesses wrong inside the standard library and Asio.
        list(APPEND STRATA_WARNINGS
            -Wno-error=maybe-uninitialized -Wno-error=array-bounds -Wno-error=stringop-overflow
            -Wno-error=stringop-overread -Wno-error=restrict -Wno-error=dangling-pointer
            -Wno-error=free-nonheap-object -Wno-error=use-after-free -Wno-error=null-dereference -Wno-error=mismatched-new-delete)
    else()
        # clang calls functions deprecated that libstdc++ 12's own algorithms use.
        list(APPEND STRATA_WARNINGS -Wno-error=deprecated-declarations)
    endif()
endif()

set(STRATA_FLAGS "")
set(STRATA_LINK_FLAGS "")
if(STRATA_SANITIZE)
    list(APPEND STRATA_FLAGS -fsanitize=${STRATA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    list(APPEND STRATA_LINK_FLAGS -fsanitize=${STRATA_SANITIZE})
    # GCC says that ThreadSanitizer does not see fences. Asio's are beside mutexes, which it sees.
    if(STRATA_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
        list(APPEND STRATA_FLAGS -Wno-tsan)
    endif()
endif()
if(STRATA_LIBFUZZER)
    list(APPEND STRATA_FLAGS -fsanitize=fuzzer-no-link)
endif()
if(STRATA_COVERAGE)
    list(APPEND STRATA_FLAGS --coverage -fprofile-update=atomic)
    list(APPEND STRATA_LINK_FLAGS --coverage)
endif()

# ---- ccache, shared between build directories and with precompiled headers ----------------------------------------

find_program(STRATA_CCACHE_PROGRAM ccache)
mark_as_advanced(STRATA_CCACHE_PROGRAM)
if(STRATA_CCACHE AND STRATA_CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_NOHASHDIR=1
        CCACHE_BASEDIR=${CMAKE_CURRENT_SOURCE_DIR}
        ${STRATA_CCACHE_PROGRAM})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # What ccache needs to see through a precompiled header.
        list(APPEND STRATA_FLAGS -fpch-preprocess)
    endif()
endif()
