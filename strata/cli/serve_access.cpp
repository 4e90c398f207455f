#include "strata/cli/serve_access.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "strata/0_foundation/printable.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/lan.hpp"

namespace strata::cli {
namespace {

using application::Users;
using presentation::Certificate;

// What clients may call this machine: of other names they would be told that the certificate is not
// for them.
std::vector<std::string> names_of_this_machine(const session::Address& at) {
    std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) == 0) {
        const std::string host = name.data();
        const bool is_plain = host.find_first_not_of(
                                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789.-") == std::string::npos;
        if (!host.empty() && is_plain) names.push_back(host);
    }
    for (const IpAddress& address : own_addresses()) names.push_back(address.to_string());
    if (!at.is_unix() && !at.endpoint().address.is_any()) names.push_back(at.endpoint().address.to_string());
    return names;
}

Certificate certificate_of(const std::string& tls, const session::Address& at) {
    if (tls == "self")
        return presentation::make_certificate(names_of_this_machine(at), std::chrono::system_clock::now());
    const std::size_t comma = tls.rfind(',');
    return presentation::read_certificate(tls.substr(0, comma), tls.substr(comma + 1));
}

std::shared_ptr<Users> open_users(const ServeOptions& options, const application::FileRoot& root) {
    // Not on standard output: what is there may be read by programs.
    const auto tell = [](const std::string& what) { fmt::print(stderr, "strata: {}\n", what); };
    auto users = Users::open(options.users, root, {}, tell);
    if (!users) throw std::runtime_error("--users: " + users.error() + "; `strata users` writes one");
    return std::move(*users);
}

}  // namespace

void check_access(const ServeOptions& options) {
    const std::string& tls = options.tls;
    if (!tls.empty() && tls != "self") {
        const std::size_t comma = tls.rfind(',');
        if (comma == std::string::npos || comma == 0 || comma + 1 == tls.size())
            throw WrongUse("--tls: '" + printable(tls) +
                           "' names no certificate and key; write CERT.pem,KEY.pem, or self for one that is made");
    }
    if (options.users.empty()) {
        if (options.no_anonymous || options.insecure_login)
            throw WrongUse(std::string(options.no_anonymous ? "--no-anonymous" : "--insecure-login") +
                           " is about users; name their file with --users FILE");
        return;
    }
    const bool over_tls =
        !tls.empty() && (options.https_port != "off" || options.ftp_port != "off" || options.ftps_port != "off");
    if (!over_tls && !options.insecure_login)
        throw WrongUse(
            "--users: their passwords would be read on the way; add --tls self or --tls CERT,KEY, or --insecure-login "
            "where nobody is on the way");
    const auto is_asked_for = [](const std::string& port) { return !port.empty() && port != "off"; };
    const bool tftp = options.tftp_port != "off", nfs = options.nfs_port != "off";
    if (options.no_anonymous && (is_asked_for(options.fetch_port) || tftp || nfs))
        throw WrongUse(std::string("--no-anonymous: ") +
                       (nfs    ? "--nfs"
                        : tftp ? "--tftp"
                               : "--fetch") +
                       " knows no users; leave one of the two out");
}

ServeAccess open_access(const ServeOptions& options, const application::FileRoot& root, const session::Address& at) {
    ServeAccess access;
    if (!options.tls.empty()) {
        try {
            const Certificate certificate = certificate_of(options.tls, at);
            access.tls.emplace(certificate);
            access.fingerprint = certificate.fingerprint();
        } catch (const presentation::TlsError& error) {
            throw std::runtime_error(std::string("--tls: ") + error.what() +
                                     "; give files in PEM that belong together, or say --tls self");
        }
    }
    if (!options.users.empty()) access.users = open_users(options, root);
    return access;
}

std::vector<std::string> sentences_of(const ServeAccess& access, const ServeOptions& options) {
    std::vector<std::string> sentences;
    if (access.tls) sentences.push_back("SHA-256 fingerprint of the certificate: " + access.fingerprint);
    if (!access.users) return sentences;
    const auto users = access.users->all();
    sentences.push_back(fmt::format("{} users of {} log in{}{}", users.size(), printable(options.users),
                                    options.no_anonymous ? "; nobody else is served" : "",
                                    options.insecure_login ? "; without TLS others can read their passwords" : ""));
    for (const auto& user : users) {
        const application::FileRoot& root = *user->root;
        const std::error_code wrong =
            root.rights() == application::FileRights::read ? std::error_code{} : root.check_writable();
        if (wrong)
            sentences.push_back(
                fmt::format("  {} can write nothing in {}: {}; let whom this runs as, or choose who "
                            "with --run-as NAME",
                            printable(user->name), printable(root.path()), wrong.message()));
    }
    if (::access(options.users.c_str(), R_OK) != 0)
        sentences.push_back(
            fmt::format("  what changes in {} is not seen: it cannot be read any more by whom this "
                        "runs as; chown it, or choose who with --run-as NAME",
                        printable(options.users)));
    return sentences;
}

}  // namespace strata::cli
