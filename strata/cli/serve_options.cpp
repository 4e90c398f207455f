// The options of `strata serve`, as one types them.
#include "strata/cli/serve_options.hpp"

#include <CLI/CLI.hpp>
#include <utility>

#include "strata/cli/net_option.hpp"
#include "strata/cli/wrong_use/checks.hpp"

namespace strata::cli {

void add_serve_options(CLI::App& command, ServeOptions& options) {
    constexpr std::size_t threads_max = 256;
    command.add_option("DIR", options.folder,
                       "serve this folder (default: the current one); nothing outside of it is ever read");
    command.add_option("--net", options.net, net_option_help)->type_name("NET");
    command
        .add_option("--http", options.http_port,
                    "serve HTTP on this port, on one that is free (0), or not: off (default 8000; 80 on a tap)")
        ->type_name("PORT");
    command
        .add_option("--fetch", options.fetch_port,
                    "serve plain downloads on this port, on one that is free (0), or not: off (default 8080)")
        ->type_name("PORT");
    command
        .add_option("--ftp", options.ftp_port,
                    "serve FTP, on this port or one that is free (0) (default off; without a port 21, or 2121 where "
                    "that cannot be had)")
        ->type_name("PORT")
        ->expected(0, 1);
    command
        .add_option("--ftps", options.ftps_port,
                    "serve FTP under TLS from the first byte, too (default off; without a port 990, or 9990 where that "
                    "cannot be had)")
        ->type_name("PORT")
        ->expected(0, 1);
    command
        .add_option("--ftp-data-ports", options.ftp_data_ports,
                    "have FTP's data connections come to one of these ports, for a firewall that lets them in "
                    "(default: 49152-65535)")
        ->type_name("FIRST-LAST");
    command
        .add_option("--ftp-address", options.ftp_address,
                    "tell FTP's clients this IPv4 address for PASV, where a router before us has another")
        ->type_name("ADDR");
    command.add_flag(
        "--ftp-same-session", options.ftp_same_session,
        "take FTP's data connections under TLS only from who goes on with the TLS session of his commands");
    command
        .add_option("--tftp", options.tftp_port,
                    "serve TFTP, on this port or one that is free (0) (default off; without a port 69, or 6969 where "
                    "that cannot be had)")
        ->type_name("PORT")
        ->expected(0, 1);
    command.add_flag("--tftp-single-port", options.tftp_single_port,
                     "answer TFTP's requests from the port that they come to, for filters that know no other");
    command
        .add_option(
            "--nfs", options.nfs_port,
            "serve NFS, versions 3 and 4, on this port or one that is free (0) (default off; without a port 2049, or "
            "20049 where that cannot be had)")
        ->type_name("PORT")
        ->expected(0, 1);
    command
        .add_option(
            "--nfs-key", options.nfs_key,
            "keep the key of NFS's handles in this file, so that mounts go on after a restart; and who had files open "
            "in FILE.leases beside it")
        ->type_name("FILE");
    command
        .add_option("--nfs-lease", options.nfs_lease,
                    "take from a client of NFS version 4 what it has open and locked when it was silent for so long; "
                    "after a restart wait so long for those that were here (default 90)")
        ->type_name("SECONDS")
        ->check(whole_number(5, 3600));
    command
        .add_option("--nfs-clients", options.nfs_clients,
                    "answer by NFS only these addresses and networks, such as 10.0.0.7,192.168.1.0/24 (default: all)")
        ->type_name("LIST");
    command
        .add_option("--nfs-squash", options.nfs_squash,
                    "with --run-as root NFS's callers are who they say: but root is nobody (default), all are the "
                    "user that it runs as (all), or none is anybody else (none)")
        ->type_name("WHOM");
    command
        .add_option("--rpcbind", options.rpcbind_port,
                    "tell by rpcbind where NFS is, on this port, or off (default: 111 where that can be had; else the "
                    "rpcbind of this machine is told)")
        ->type_name("PORT");
    command.add_flag("--all", options.all, "serve by all protocols that there are");
    command
        .add_option("--bind", options.bind,
                    "listen on this address (default: all, of IPv6 and IPv4; with embedded: 127.0.0.1)")
        ->type_name("ADDR");
    command.add_option("--pcap", options.pcap, "write what passes to this file (embedded, tap, tun and packet)")
        ->type_name("FILE");
    command
        .add_option("--encoding", options.encoding,
                    "use this character set for names in the plain download protocol: UTF-8 (default), GBK, …")
        ->type_name("CHARSET");
    command
        .add_option("--charset", options.charset,
                    "say that texts that are no UTF-8 are written so: GBK, … (default: say nothing, browsers guess)")
        ->type_name("CHARSET");
    command
        .add_option("--run-as", options.run_as,
                    "run as this user, or NAME:GROUP, once all is open; root: keep all rights (default where root "
                    "starts it: who called sudo, else the folder's owner, else nobody)")
        ->type_name("NAME");
    command
        .add_option("--control", options.control,
                    "have the control socket at this path, or not: off (default: PID in $XDG_RUNTIME_DIR/strata, else "
                    "/run/strata for root, else /tmp/strata-UID)")
        ->type_name("PATH");
    command.add_flag("--write{new}", options.write,
                     "let clients add files and folders; with --write=all also replace, rename and remove them");
    command
        .add_option("--keep-free", options.keep_free,
                    "let them fill the disk up to so many bytes, such as 500M or 2G (default 64M)")
        ->type_name("BYTES");
    command
        .add_option("--tls", options.tls,
                    "serve HTTP by TLS, too: with the certificate and the key in these PEM files, or with one that "
                    "signs itself: self")
        ->type_name("CERT,KEY");
    command
        .add_option("--https", options.https_port,
                    "do that on this port, on one that is free (0), or not: off (default 8443; 443 on a tap)")
        ->type_name("PORT");
    command
        .add_option("--users", options.users,
                    "let the users of this file log in over HTTP, each with a folder and rights of his own (see "
                    "`strata users`)")
        ->type_name("FILE");
    command.add_flag("--no-anonymous", options.no_anonymous, "serve nobody else");
    command.add_flag("--insecure-login", options.insecure_login,
                     "take their passwords without TLS, too, where others can read them on the way");
    command.add_flag("--hidden", options.hidden, "serve names that begin with a dot, too");
    command.add_flag("--no-index", options.no_index, "list folders that have an index.html, too");
    command.add_flag("--no-qr", options.no_qr, "show no QR code of the address, where a terminal would have one");
    command.add_option("--log", options.log, "tell of each request in a line of text (default), of json, or: off")
        ->type_name("FORM");
    command
        .add_option("--threads", options.threads,
                    "serve on so many threads (default 1; 0: as many as there are processors; kernel network only)")
        ->type_name("N")
        ->check(whole_number(0, threads_max));
    command.add_flag("--demo", options.demo, "fetch a file through itself first, and say what to try");
    command.add_option("--for", options.seconds, "end by itself after so many seconds")
        ->type_name("SECONDS")
        ->check(seconds_from(0));
}

void name_the_folder(ServeOptions& options) {
    for (std::string* said : {&options.ftp_port, &options.ftps_port, &options.tftp_port, &options.nfs_port}) {
        const bool a_port =
            said->empty() || *said == "off" || said->find_first_not_of("0123456789") == std::string::npos;
        if (!a_port && options.folder == ServeOptions{}.folder) options.folder = std::exchange(*said, "");
    }
}

}  // namespace strata::cli
