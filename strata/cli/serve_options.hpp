// What `strata serve` is told on the command line.
#pragma once

#include <cstddef>
#include <string>

namespace CLI {
class App;
}

namespace strata::cli {

struct ServeOptions {
    std::string folder = ".";
    std::string net = "kernel";
    std::string http_port;
    std::string fetch_port;
    std::string ftp_port = "off";
    std::string ftps_port = "off";
    std::string ftp_data_ports;
    std::string ftp_address;
    bool ftp_same_session = false;
    std::string tftp_port = "off";
    std::string nfs_port = "off";
    std::string nfs_key;
    unsigned nfs_lease = 90;   // seconds
    std::string nfs_clients;   // empty: all
    std::string nfs_squash;    // empty: root where callers are acted as, else all
    std::string rpcbind_port;  // empty: 111, where that can be had
    bool all = false;
    bool tftp_single_port = false;
    std::string bind;
    std::string pcap;
    std::string encoding = "UTF-8";
    std::string log = "text";
    std::string charset;
    std::string run_as;
    std::string control;
    std::string write;
    std::string keep_free = "64M";
    std::string https_port;
    std::string tls;
    std::string users;
    bool no_anonymous = false;
    bool insecure_login = false;
    bool hidden = false;
    bool no_index = false;
    bool no_qr = false;
    bool demo = false;
    std::size_t threads = 1;
    double seconds = 0;
};

// They outlive the command.
void add_serve_options(CLI::App& command, ServeOptions& options);
// `--tftp DIR` and its like: what is no port is the folder.
void name_the_folder(ServeOptions& options);

}  // namespace strata::cli
