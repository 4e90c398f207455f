#include "strata/7_application/remote/registry/registry.hpp"

#include <algorithm>
#include <array>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/ftp/client/remote/remote.hpp"
#include "strata/7_application/http/client/remote/remote.hpp"
#include "strata/7_application/nfs/client/remote/remote.hpp"
#include "strata/7_application/plain/remote/remote.hpp"
#include "strata/7_application/remote/file/file_remote.hpp"
#include "strata/7_application/tftp/client/remote/remote.hpp"

namespace strata::application {
namespace {

template <typename Kind>
std::unique_ptr<Remote> make(session::Network& network, const Url& url, const RemoteOptions& options) {
    return std::make_unique<Kind>(network, url, options);
}

struct Scheme {
    std::string_view name;
    std::unique_ptr<Remote> (*make)(session::Network&, const Url&, const RemoteOptions&);
    bool has_credentials;
    std::string_view form;
};

// A new protocol is a line here, and its port one of http::default_port.
constexpr std::array schemes{
    Scheme{"http", make<http::HttpRemote>, true, "http://HOST[:PORT]/PATH"},
    Scheme{"https", make<http::HttpRemote>, true, "https://HOST[:PORT]/PATH"},
    Scheme{"fetch", make<plain::FetchRemote>, false, "fetch://HOST[:PORT]/NAME"},
    Scheme{"ftp", make<ftp::FtpRemote>, true, "ftp://HOST[:PORT]/PATH"},
    Scheme{"ftpes", make<ftp::FtpRemote>, true, "ftpes://HOST[:PORT]/PATH"},
    Scheme{"ftps", make<ftp::FtpRemote>, true, "ftps://HOST[:PORT]/PATH"},
    Scheme{"tftp", make<tftp::TftpRemote>, false, "tftp://HOST[:PORT]/NAME"},
    Scheme{"nfs", make<nfs::NfsRemote>, false, "nfs://HOST[:PORT]/EXPORT/PATH"},
    Scheme{"file", make<FileRemote>, false, "file:///PATH"},
};

const Scheme* find(std::string_view name) {
    const auto* const found = std::ranges::find(schemes, name, &Scheme::name);
    return found == schemes.end() ? nullptr : found;
}

std::optional<Url> parse_any(std::string_view text) {
    std::array<std::string_view, schemes.size()> names;
    std::ranges::transform(schemes, names.begin(), &Scheme::name);
    return http::parse_url(text, names);
}

}  // namespace

std::optional<Url> parse_remote_url(std::string_view text) {
    auto url = parse_any(text);
    if (url && url->credentials && !find(url->scheme)->has_credentials) return std::nullopt;
    return url;
}

std::string explain_url(std::string_view text) {
    if (const auto url = parse_any(text); url && url->credentials)
        return "the URL " + printable(url->to_string()) + " has a name and a password, which " + url->scheme +
               " has no place for; leave them out";
    std::string forms;
    for (const Scheme& scheme : schemes) {
        if (!forms.empty()) forms += &scheme == &schemes.back() ? " or " : ", ";
        forms += scheme.form;
    }
    return "'" + printable(http::without_credentials(text)) + "' is no URL that is known here; write " + forms;
}

std::unique_ptr<Remote> make_remote(session::Network& network, const Url& url, const RemoteOptions& options) {
    return find(url.scheme)->make(network, url, options);
}

}  // namespace strata::application
