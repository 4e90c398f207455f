#include "strata/cli/remote/arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/tftp/message/options.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/rate.hpp"
#include "strata/cli/wrong_use/checks.hpp"

namespace strata::cli {

namespace http = application::http;
namespace tftp = application::tftp;

namespace {
constexpr unsigned retries_max = 1000;
}

void add_remote_arguments(CLI::App& command, RemoteArguments& arguments) {
    command.add_option("--net", arguments.net, net_option_help)->type_name("NET");
    command.add_option("--retry", arguments.retries, "try again so many times what may pass, later each time")
        ->type_name("N")
        ->check(whole_number(0, retries_max));
    command
        .add_option("--cacert", arguments.authorities,
                    "trust these authorities (PEM) to sign a server's certificate, instead of the system's")
        ->type_name("FILE");
    command.add_flag("--insecure", arguments.insecure, "take any certificate: no one knows then who the server is");
    command.add_flag("--active", arguments.active, "FTP: let the server call us for data, where it can reach us");
    command.add_flag("-q,--quiet", arguments.quiet, "say nothing but what went wrong");
}

void add_transfer_arguments(CLI::App& command, RemoteArguments& arguments, const std::string& what) {
    command
        .add_option("--limit-rate", arguments.rate,
                    what + " no more than so many bytes a second, such as 500K or 2M; not with tftp://")
        ->type_name("RATE");
    command
        .add_option("--blksize", arguments.blksize,
                    "TFTP: ask for blocks of so many bytes (default: what the way there takes whole)")
        ->type_name("N")
        ->check(whole_number(tftp::blksize_least, tftp::blksize_most));
    command
        .add_option("--windowsize", arguments.windowsize,
                    "TFTP: ask for so many blocks before each acknowledgment (default: 16, and 128 KiB at most)")
        ->type_name("N")
        ->check(whole_number(1, tftp::windowsize_most));
    command
        .add_option("--tftp-timeout", arguments.tftp_timeout,
                    "TFTP: ask the server to send again what was not answered for so many seconds")
        ->type_name("N")
        ->check(whole_number(1, tftp::timeout_most));
    command
        .add_option("--mode", arguments.mode,
                    "TFTP: octet (default), or netascii, which translates the ends of a text's lines")
        ->type_name("MODE");
}

application::RemoteOptions remote_options(const RemoteArguments& arguments) {
    application::RemoteOptions options;
    options.client.rate_limit = arguments.rate.empty() ? 0 : parse_byte_rate("--limit-rate", arguments.rate);
    if (!arguments.quiet)
        options.client.on_notice = [](const std::string& notice) {
            fmt::print(stderr, "strata: {}\n", printable(notice));
        };
    options.http.tls = presentation::TlsClient({.verify = !arguments.insecure, .authorities = arguments.authorities});
    options.http.proxies = http::Proxies([](const char* name) { return std::getenv(name); });
    if (const char* const home = std::getenv("HOME"))
        options.http.netrc = http::Netrc::read(std::string(home) + "/.netrc");
    const auto mode = tftp::mode_of(arguments.mode);
    if (!mode) throw WrongUse("--mode: '" + printable(arguments.mode) + "' is none; write octet or netascii");
    options.tftp.mode = *mode;
    options.tftp.blksize = arguments.blksize;
    if (arguments.tftp_timeout != 0) options.tftp.timeout = arguments.tftp_timeout;
    options.ftp.active = arguments.active;
    if (arguments.windowsize != 0) options.tftp.windowsize = arguments.windowsize;
    return options;
}

}  // namespace strata::cli
