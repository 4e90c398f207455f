# Headers whose installed names have changed stay available under the old ones until the version named here: for each
# line of moved_headers.txt a header is written that includes the new one, and installed beside the real ones. The
# build itself does not see them, so that no source of ours uses an old name. Included by install.cmake.

set(moved_headers_end 0.3)  # they are removed in this version
set(moved_headers_table "${PROJECT_SOURCE_DIR}/cmake/moved_headers.txt")
set(moved_headers_folder "${PROJECT_BINARY_DIR}/moved_headers")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${moved_headers_table}")

file(REMOVE_RECURSE "${moved_headers_folder}")
file(MAKE_DIRECTORY "${moved_headers_folder}/strata")
file(STRINGS "${moved_headers_table}" lines REGEX "^[^#]")
foreach(line IN LISTS lines)
    if(NOT line MATCHES "^(strata/[^ ]+[.]hpp) (strata/[^ ]+[.]hpp)( (.+))?$")
        message(FATAL_ERROR "${moved_headers_table}: not 'old.hpp new.hpp [code]': ${line}")
    endif()
    set(old "${CMAKE_MATCH_1}")
    set(new "${CMAKE_MATCH_2}")
    set(names "${CMAKE_MATCH_4}")
    if(EXISTS "${PROJECT_SOURCE_DIR}/${old}" OR EXISTS "${moved_headers_folder}/${old}")
        message(FATAL_ERROR "${moved_headers_table}: ${old} has not moved, or is named twice")
    endif()
    if(NOT EXISTS "${PROJECT_SOURCE_DIR}/${new}")
        message(FATAL_ERROR "${moved_headers_table}: there is no ${new}")
    endif()
    if(names)
        string(PREPEND names "\n")
        string(APPEND names "\n")
    endif()
    file(CONFIGURE OUTPUT "${moved_headers_folder}/${old}" @ONLY CONTENT
"// Moved to @new@; this name of it is removed in version @moved_headers_end@.
#pragma once

#include \"@new@\"
@names@")
endforeach()

install(DIRECTORY "${moved_headers_folder}/strata" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(NOT PROJECT_IS_TOP_LEVEL)
    # Whoever builds Strata as a part of his own project includes from its sources.
    target_include_directories(strata_foundation PUBLIC $<BUILD_INTERFACE:${moved_headers_folder}>)
endif()
