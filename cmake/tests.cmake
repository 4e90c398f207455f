# tests/<folder>/ mirrors strata/<folder>/: all of a folder's sources are one GoogleTest program, test_<folder without its
# number>, and one ctest test (a process a test case would cost more than the cases). Beside them:
#   tests/support/     what tests share, library strata_test_support
#   tests/simulation/  long runs from seeds; split in two ctest tests so that both cores work
#   tests/interop/     scripts that meet real peers; exit code 77 means "can't run here" and is shown as skipped
#   tests/install/     installs the build and builds a program against it; makes the Debian package and runs what is in it; looks at what
#                      the program alone needs

find_package(GTest REQUIRED)

# What our libraries do is optimised as in any release; a test calls it once, and optimising the call costs more than it.
function(strata_test_settings target)
    strata_compile_settings(${target})
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# GoogleTest is most of what a small test reads: precompiled with what the tests of all floors include, and once more with
# Asio for the floors that speak it.
function(strata_test_pch target header)
    add_library(${target} OBJECT EXCLUDE_FROM_ALL cmake/pch_asio.cpp)
    target_link_libraries(${target} PRIVATE strata::strata strata::asio_ssl GTest::gmock)
    strata_test_settings(${target})
    target_precompile_headers(${target} PRIVATE ${header})
endfunction()
strata_test_pch(strata_test_pch cmake/pch_test.hpp)
strata_test_pch(strata_test_pch_asio cmake/pch_test_asio.hpp)

function(strata_use_test_pch target pch)
    if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
        target_precompile_headers(${target} REUSE_FROM ${pch})
    endif()
endfunction()

file(GLOB_RECURSE support CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/support/*.cpp")
if(support)
    add_library(strata_test_support STATIC ${support})
    target_link_libraries(strata_test_support PUBLIC strata::strata GTest::gmock)
    strata_test_settings(strata_test_support)
    strata_use_test_pch(strata_test_support strata_test_pch_asio)
else()
    add_library(strata_test_support INTERFACE)
    target_link_libraries(strata_test_support INTERFACE strata::strata GTest::gmock)
endif()

function(strata_test_program folder)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${folder}/*.cpp")
    if(NOT sources)
        return()
    endif()
    string(REGEX REPLACE "^[0-9]+_" "" name "${folder}")
    set(target test_${name})
    add_executable(${target} ${sources})
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
    target_link_libraries(${target} PRIVATE strata_test_support strata::strata strata::asio_ssl GTest::gmock_main)
    if(folder STREQUAL "cli" AND TARGET strata_cli_parts)
        target_link_libraries(${target} PRIVATE strata_cli_parts)
    endif()
    strata_test_settings(${target})
    # Floors 0-4 know no Asio, and neither do their tests.
    if(folder MATCHES "^[0-4]_")
        strata_use_test_pch(${target} strata_test_pch)
    else()
        strata_use_test_pch(${target} strata_test_pch_asio)
    endif()

    if(folder STREQUAL "simulation")
        foreach(shard RANGE 1)
            add_test(NAME simulation_${shard} COMMAND ${target})
            set_tests_properties(simulation_${shard} PROPERTIES
                ENVIRONMENT "GTEST_TOTAL_SHARDS=2;GTEST_SHARD_INDEX=${shard}" LABELS simulation TIMEOUT 1500)
        endforeach()
    else()
        add_test(NAME ${name} COMMAND ${target})
        set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 300)
    endif()
endfunction()

file(GLOB folders CONFIGURE_DEPENDS LIST_DIRECTORIES true RELATIVE "${PROJECT_SOURCE_DIR}/tests"
    "${PROJECT_SOURCE_DIR}/tests/*")
foreach(folder IN LISTS folders)
    if(IS_DIRECTORY "${PROJECT_SOURCE_DIR}/tests/${folder}" AND NOT folder MATCHES "^(support|interop|install)$")
        strata_test_program(${folder})
    endif()
endforeach()

# ---- scripts that meet real peers ---------------------------------------------------------------------------------
# A script may say, in lines of its own near its top:  "# labels: slow"  and  "# timeout: 900"  (seconds). One that mostly
# waits, in namespaces of its own, says "# beside: others": all others run alone, for what they measure, or for their ports.
file(GLOB scripts CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/interop/*_test.py"
    "${PROJECT_SOURCE_DIR}/tests/interop/*_test.sh")
foreach(script IN LISTS scripts)
    cmake_path(GET script STEM name)
    string(REGEX REPLACE "_test$" "" name "${name}")
    cmake_path(GET script EXTENSION LAST_ONLY extension)
    set(labels interop)
    set(timeout 600)
    set(alone ON)
    file(STRINGS "${script}" notes REGEX "^# (labels|timeout|beside):")
    foreach(note IN LISTS notes)
        if(note MATCHES "^# labels: *(.*)$")
            string(REPLACE " " ";" more "${CMAKE_MATCH_1}")
            list(APPEND labels ${more})
        elseif(note MATCHES "^# timeout: *([0-9]+)")
            set(timeout ${CMAKE_MATCH_1})
        elseif(note MATCHES "^# beside: *others$")
            set(alone OFF)
        endif()
    endforeach()
    if(extension STREQUAL ".py")
        set(interpreter python3)
    else()
        set(interpreter bash)
    endif()
    add_test(NAME interop_${name} COMMAND ${interpreter} "${script}")
    set_tests_properties(interop_${name} PROPERTIES
        ENVIRONMENT "STRATA=${PROJECT_BINARY_DIR}/bin/strata;EXAMPLES=${PROJECT_BINARY_DIR}/examples;SOURCE=${PROJECT_SOURCE_DIR}"
        SKIP_RETURN_CODE 77 LABELS "${labels}" TIMEOUT ${timeout} RUN_SERIAL ${alone})
endforeach()

# ---- the house's own rules ----------------------------------------------------------------------------------------
add_test(NAME floors COMMAND python3 "${PROJECT_SOURCE_DIR}/tools/check_floors.py"
    --links "${PROJECT_BINARY_DIR}/floor_links.txt")
add_test(NAME floors_self_test COMMAND python3 "${PROJECT_SOURCE_DIR}/tools/check_floors.py" --self-test)
add_test(NAME house COMMAND python3 "${PROJECT_SOURCE_DIR}/tools/check_house.py")
add_test(NAME house_self_test COMMAND python3 "${PROJECT_SOURCE_DIR}/tools/check_house.py" --self-test)
add_test(NAME bounds COMMAND python3 "${PROJECT_SOURCE_DIR}/tools/check_bounds.py" --quiet)
add_test(NAME bounds_self_test COMMAND python3 "${PROJECT_SOURCE_DIR}/tools/check_bounds.py" --self-test)
add_test(NAME fuzz_coverage_self_test COMMAND python3 "${PROJECT_SOURCE_DIR}/tools/check_fuzz_coverage.py" --self-test)
set_tests_properties(house house_self_test bounds bounds_self_test floors floors_self_test fuzz_coverage_self_test PROPERTIES LABELS rules TIMEOUT 60)

if(EXISTS "${PROJECT_SOURCE_DIR}/tests/install/run.sh" AND NOT STRATA_SANITIZE AND NOT STRATA_COVERAGE)
    add_test(NAME install COMMAND bash "${PROJECT_SOURCE_DIR}/tests/install/run.sh" "${PROJECT_BINARY_DIR}")
    set_tests_properties(install PROPERTIES
        LABELS install TIMEOUT 600 SKIP_RETURN_CODE 77 ENVIRONMENT "CXX=${CMAKE_CXX_COMPILER};CMAKE=${CMAKE_COMMAND}")
endif()
if(TARGET strata_cli AND NOT STRATA_SANITIZE AND NOT STRATA_COVERAGE)
    add_test(NAME program_alone COMMAND bash "${PROJECT_SOURCE_DIR}/tests/install/program_alone.sh")
    set_tests_properties(program_alone PROPERTIES LABELS install TIMEOUT 120 ENVIRONMENT "CMAKE=${CMAKE_COMMAND}")
    add_test(NAME package COMMAND bash "${PROJECT_SOURCE_DIR}/tests/install/package.sh" "${PROJECT_BINARY_DIR}")
    set_tests_properties(package PROPERTIES
        LABELS install TIMEOUT 300 SKIP_RETURN_CODE 77 ENVIRONMENT "CPACK=${CMAKE_CPACK_COMMAND}")
endif()
