# How a floor, and everything built on the floors, becomes a target.

# What every target of ours is compiled with.
function(strata_compile_settings target)
    target_compile_features(${target} PUBLIC cxx_std_23)
    target_include_directories(${target} PUBLIC
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_compile_options(${target} PRIVATE ${STRATA_WARNINGS} ${STRATA_FLAGS})
    # The standard library checks its own preconditions wherever our assertions are on.
    target_compile_definitions(${target} PRIVATE $<$<NOT:$<CONFIG:Release,RelWithDebInfo>>:_GLIBCXX_ASSERTIONS>)
    target_link_options(${target} PRIVATE ${STRATA_LINK_FLAGS})
endfunction()

# One precompiled header, with Asio in it, for all targets that speak Asio.
add_library(strata_pch OBJECT EXCLUDE_FROM_ALL cmake/pch_asio.cpp)
target_link_libraries(strata_pch PRIVATE strata_asio fmt::fmt)
strata_compile_settings(strata_pch)
target_precompile_headers(strata_pch PRIVATE cmake/pch_asio.hpp)

function(strata_use_pch target)
    if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
        target_precompile_headers(${target} REUSE_FROM strata_pch)
    endif()
endfunction()

# The sources of a library of ours so many at a time, if STRATA_TOGETHER is on: four fifths of the time that a small source takes is the reading
# of the standard library, of Asio and of CLI11. Names in unnamed namespaces then are a folder's, not a file's. A source with a line
# "// compiled alone: <reason>" is.
function(strata_compile_together target count)
    if(NOT STRATA_TOGETHER)
        return()
    endif()
    get_target_property(sources ${target} SOURCES)
    foreach(source IN LISTS sources)
        file(STRINGS "${source}" alone REGEX "^// compiled alone: " LIMIT_COUNT 1)
        if(alone)
            set_source_files_properties("${source}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
        endif()
    endforeach()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${count})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # It takes what an included source has for what a header has.
        target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
    endif()
endfunction()

# strata_floor(name folder [BELOW floor...] [LINKS target...] [EXCEPT file...] [PCH])
# A static library strata_<name> of all sources in the folder; an interface library as long as there are none.
function(strata_floor name folder)
    cmake_parse_arguments(PARSE_ARGV 2 arg "PCH" "" "BELOW;LINKS;EXCEPT")
    set(target strata_${name})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
    foreach(file IN LISTS arg_EXCEPT)
        list(REMOVE_ITEM sources "${PROJECT_SOURCE_DIR}/${file}")
    endforeach()
    list(TRANSFORM arg_BELOW PREPEND strata_)

    if(sources)
        add_library(${target} STATIC ${sources})
        target_link_libraries(${target} PUBLIC ${arg_BELOW} ${arg_LINKS})
        strata_compile_settings(${target})
        if(arg_PCH)
            strata_use_pch(${target})
        endif()
        strata_compile_together(${target} 8)
        set_property(GLOBAL APPEND PROPERTY STRATA_ARCHIVES ${target})
    else()
        add_library(${target} INTERFACE)
        target_link_libraries(${target} INTERFACE ${arg_BELOW} ${arg_LINKS})
        target_compile_features(${target} INTERFACE cxx_std_23)
        target_include_directories(${target} INTERFACE
            $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    endif()
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
    add_library(strata::${name} ALIAS ${target})
    set_property(GLOBAL APPEND PROPERTY STRATA_FLOORS ${target})
endfunction()

# strata_build_facts.hpp for the target: version, commit, date, compiler. Asked for at each build, written when it has changed.
function(strata_build_facts target)
    set(folder "${PROJECT_BINARY_DIR}/generated")
    set(write ${CMAKE_COMMAND} -D "OUTPUT=${folder}/strata_build_facts.hpp" -D "SOURCE=${PROJECT_SOURCE_DIR}"
        -D "VERSION=${PROJECT_VERSION}" -D "COMPILER=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
        -D "BUILD_TYPE=${CMAKE_BUILD_TYPE}" -P "${PROJECT_SOURCE_DIR}/cmake/write_build_facts.cmake")
    # Now too, for tools that read sources before anything is built.
    execute_process(COMMAND ${write} COMMAND_ERROR_IS_FATAL ANY)
    add_custom_target(strata_build_facts COMMAND ${write} BYPRODUCTS "${folder}/strata_build_facts.hpp" VERBATIM
        COMMENT "Asking which commit this is")
    add_dependencies(${target} strata_build_facts)
    target_include_directories(${target} PRIVATE "${folder}")
endfunction()

# The program: strata/cli/main.cpp, and the rest of the folder as a library that tests can link.
function(strata_command_line)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/strata/cli/*.cpp")
    set(main "${PROJECT_SOURCE_DIR}/strata/cli/main.cpp")
    if(NOT main IN_LIST sources)
        message(STATUS "strata/cli/main.cpp is not there: no program is built")
        return()
    endif()
    list(REMOVE_ITEM sources "${main}")
    find_package(CLI11 REQUIRED)
    find_library(STRATA_EDIT_LIBRARY edit REQUIRED)
    find_library(STRATA_QRENCODE_LIBRARY qrencode REQUIRED)
    mark_as_advanced(STRATA_EDIT_LIBRARY STRATA_QRENCODE_LIBRARY)

    add_executable(strata_cli "${main}")
    set_target_properties(strata_cli PROPERTIES
        OUTPUT_NAME strata RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
    target_link_libraries(strata_cli PRIVATE strata_everything CLI11::CLI11)
    strata_compile_settings(strata_cli)
    strata_use_pch(strata_cli)
    if(sources)
        add_library(strata_cli_parts STATIC ${sources})
        target_link_libraries(strata_cli_parts PUBLIC strata_everything CLI11::CLI11 ${STRATA_EDIT_LIBRARY}
            ${STRATA_QRENCODE_LIBRARY})
        strata_compile_settings(strata_cli_parts)
        strata_use_pch(strata_cli_parts)
        # CLI11 costs each source that includes it more than all the rest of the source.
        strata_compile_together(strata_cli_parts 16)
        target_link_libraries(strata_cli PRIVATE strata_cli_parts)
    endif()
    strata_build_facts(strata_cli_parts)
endfunction()

# Writes "target: what it links" a line, for tools/check_floors.py.
function(strata_write_floor_links path)
    get_property(floors GLOBAL PROPERTY STRATA_FLOORS)
    set(text "")
    foreach(floor IN LISTS floors)
        get_target_property(type ${floor} TYPE)
        if(type STREQUAL "INTERFACE_LIBRARY")
            get_target_property(links ${floor} INTERFACE_LINK_LIBRARIES)
        else()
            get_target_property(links ${floor} LINK_LIBRARIES)
        endif()
        if(NOT links)
            set(links "")
        endif()
        list(JOIN links " " links)
        string(APPEND text "${floor}: ${links}\n")
    endforeach()
    file(CONFIGURE OUTPUT "${path}" CONTENT "${text}" @ONLY)
endfunction()
