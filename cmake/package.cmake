# A Debian package of the program, with its man pages, completions and documents: make package, or cpack in a build folder. What it depends on
# is asked of dpkg-shlibdeps.

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME strata)
set(CPACK_PACKAGE_CONTACT "The contributors to Strata")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "TCP/IP in user space: serve, fetch, talk, ping, wire")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)

set(CPACK_COMPONENTS_ALL program)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
"Serves and fetches files over HTTP and a plain download protocol, talks
over TCP, UDP and Unix sockets, pings, and joins TAP devices by a cable with
a rate, delay and losses; on the kernel's network or on a TCP/IP stack of
its own.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME strata)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Opened when they are needed first, so that dpkg-shlibdeps does not see them; and whom to trust.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "libssl3, libidn2-0, ca-certificates")
# Where Debian wants things that others want elsewhere.
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/cmake/debian_layout.cmake")
include(CPack)
