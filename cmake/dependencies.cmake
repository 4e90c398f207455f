# The libraries Strata uses, all from Debian 12 (tools/setup.sh installs them).

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(fmt REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED)
find_library(STRATA_PCAP_LIBRARY pcap REQUIRED)
mark_as_advanced(STRATA_PCAP_LIBRARY)
find_library(STRATA_CRYPT_LIBRARY crypt REQUIRED)
mark_as_advanced(STRATA_CRYPT_LIBRARY)

# Boost.Asio and Beast, compiled once (strata/5_session/asio/asio_implementation.cpp and
# strata/7_application/http/message/beast_implementation.cpp), so everyone who includes them needs the same definitions.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS cmake/asio_definitions.txt)
file(STRINGS cmake/asio_definitions.txt STRATA_ASIO_DEFINITIONS)
add_library(strata_asio INTERFACE)
target_compile_definitions(strata_asio INTERFACE ${STRATA_ASIO_DEFINITIONS})
target_link_libraries(strata_asio INTERFACE Boost::headers Threads::Threads)
set_target_properties(strata_asio PROPERTIES EXPORT_NAME asio)
