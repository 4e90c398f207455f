# Man pages and completions, printed by the program itself from its own definitions, and what is installed with the program.

set(documents "${PROJECT_BINARY_DIR}/documents")
add_custom_command(OUTPUT "${documents}/man/man1/strata.1"
    COMMAND ${CMAKE_COMMAND} -E rm -rf "${documents}"
    COMMAND strata_cli help --write "${documents}"
    DEPENDS strata_cli VERBATIM COMMENT "Writing man pages and completions")
add_custom_target(strata_documents ALL DEPENDS "${documents}/man/man1/strata.1")

install(TARGETS strata_cli RUNTIME COMPONENT program)
install(DIRECTORY "${documents}/man/" DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT program)
foreach(shell_folder IN ITEMS bash-completion/completions zsh/site-functions fish/vendor_completions.d)
    install(DIRECTORY "${documents}/${shell_folder}/" DESTINATION ${CMAKE_INSTALL_DATADIR}/${shell_folder} COMPONENT program)
endforeach()
install(FILES LICENSE README.md README.zh-CN.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
