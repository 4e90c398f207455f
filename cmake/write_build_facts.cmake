# Writes strata_build_facts.hpp, which strata/cli/version.cpp includes: cmake -D OUTPUT=... -D SOURCE=... -D VERSION=... -D COMPILER=...
# -D BUILD_TYPE=... -P write_build_facts.cmake. Run by every build, so that the commit is the one that was built; the file is left alone when
# nothing has changed. Where there is no git to ask, the commit is not told, and the date is that of the build (or SOURCE_DATE_EPOCH's).

set(commit "")
string(TIMESTAMP date "%Y-%m-%d" UTC)
find_program(git git)
if(git AND EXISTS "${SOURCE}/.git")
    execute_process(COMMAND ${git} -C "${SOURCE}" describe --always --abbrev=12 --dirty --exclude=*
        OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed)
        set(commit "${described}")
        execute_process(COMMAND ${git} -C "${SOURCE}" log -1 --format=%cs
            OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    endif()
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT [[
// Written by cmake/write_build_facts.cmake.
#pragma once

#include <string_view>

namespace strata::build_facts {

inline constexpr std::string_view version = "@VERSION@";
inline constexpr std::string_view commit = "@commit@";
inline constexpr std::string_view date = "@date@";
inline constexpr std::string_view compiler = "@COMPILER@";
inline constexpr std::string_view build_type = "@BUILD_TYPE@";

}  // namespace strata::build_facts
]])
