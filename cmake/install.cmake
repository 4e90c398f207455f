# cmake --install: libraries, headers, the CMake package (target strata::strata) and pkg-config files.

include(CMakePackageConfigHelpers)

get_property(floors GLOBAL PROPERTY STRATA_FLOORS)
install(TARGETS ${floors} strata_asio strata_asio_ssl strata_everything EXPORT strata-targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY strata DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.hpp" PATTERN "strata/cli" EXCLUDE)
include(cmake/moved_headers.cmake)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/strata)
install(EXPORT strata-targets NAMESPACE strata:: DESTINATION ${package_folder})
configure_package_config_file(cmake/strata-config.cmake.in ${PROJECT_BINARY_DIR}/strata-config.cmake
    INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/strata-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/strata-config.cmake ${PROJECT_BINARY_DIR}/strata-config-version.cmake
    DESTINATION ${package_folder})

# pkg-config: the archives from the top floor down, as a linker wants them. Floors without sources have no archive.
get_property(archives GLOBAL PROPERTY STRATA_ARCHIVES)
set(from_the_top lab host application presentation session transport network link physical foundation)
set(STRATA_PC_LIBS "")
foreach(floor IN LISTS from_the_top)
    if(strata_${floor} IN_LIST archives)
        string(APPEND STRATA_PC_LIBS " -lstrata_${floor}")
    endif()
endforeach()
list(TRANSFORM STRATA_ASIO_DEFINITIONS PREPEND -D OUTPUT_VARIABLE definitions)
list(JOIN definitions " " STRATA_PC_DEFINITIONS)
# The prefix is told from where the file lies, so that cmake --install --prefix, and who moves the package, find it.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
    OUTPUT_VARIABLE STRATA_PC_UP)
foreach(file IN ITEMS strata.pc strata_asio_ssl.pc)
    configure_file(cmake/${file}.in ${PROJECT_BINARY_DIR}/${file} @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${file} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
