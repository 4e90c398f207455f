# Run by cpack when all is installed below CPACK_TEMPORARY_DIRECTORY, before it is packed (cmake/package.cmake).

file(GLOB_RECURSE licenses "${CPACK_TEMPORARY_DIRECTORY}/*/usr/share/doc/strata/LICENSE")
foreach(license IN LISTS licenses)
    cmake_path(GET license PARENT_PATH folder)
    file(COPY_FILE "${license}" "${folder}/copyright")
    # Packages' completions of zsh; site-functions is for what the administrator installs.
    cmake_path(SET share NORMALIZE "${folder}/../..")
    file(RENAME "${share}/zsh/site-functions" "${share}/zsh/vendor-completions")
    file(GLOB pages "${share}/man/man1/*.1")
    execute_process(COMMAND gzip -9n ${pages} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
if(NOT licenses)
    message(FATAL_ERROR "there is nothing below ${CPACK_TEMPORARY_DIRECTORY} that looks like an installation of strata")
endif()
