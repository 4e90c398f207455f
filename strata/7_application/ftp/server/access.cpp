// Who a client is: USER, PASS, REIN (RFC 959 4.1.1); AUTH, PBSZ, PROT (RFC 2228 3, RFC 4217).
#include <boost/asio/use_awaitable.hpp>

#include "strata/0_foundation/ascii.hpp"
#include "strata/6_presentation/tls/tls.hpp"
#include "strata/7_application/ftp/server/session.hpp"

namespace strata::application::ftp {
namespace {

bool is_anonymous(std::string_view name) {
    return equal_ignoring_case(name, "anonymous") || equal_ignoring_case(name, "ftp");
}

}  // namespace

bool Session::takes_passwords() const { return under_tls_ || shared_->options.insecure_login; }

void Session::user(const std::string& name) {
    if (is_logged_in()) return say(503, "You have logged in; REIN begins anew.");
    asked_for_.reset();
    const bool anonymous = is_anonymous(name);
    if (!anonymous && !takes_passwords())
        return say(530, shared_->options.tls ? "Passwords are taken under TLS only: AUTH TLS first."
                                             : "Here is everybody anonymous: log in as that.");
    // Whether there is a user of that name is nobody's business.
    asked_for_ = name;
    say(331, anonymous ? "Any password will do." : "The password, please.");
}

Session::Wait Session::password(std::string password) {
    if (is_logged_in()) {
        say(503, "You have logged in.");
        co_return;
    }
    if (!asked_for_) {
        say(503, "USER comes first.");
        co_return;
    }
    const std::string name = *std::exchange(asked_for_, std::nullopt);
    const ServerOptions& options = shared_->options;
    if (is_anonymous(name) && options.anonymous) {
        log_in("anonymous", nullptr);
        co_return;
    }
    std::optional<LoggedIn> shown;
    if (options.log_in && !is_anonymous(name)) {
        session::Address from = client.address;
        shown = co_await options.log_in(shared_->network, name, std::move(password), from);
    }
    if (shown) {
        log_in(std::move(shown->user), std::move(shown->root));
        co_return;
    }
    const bool again = ++failed_logins_ < options.failed_logins_max;
    again ? say(530, "That is not right.") : say_goodbye(421, "That is not right either.");
    code_ = 530;
    note("USER " + name);
}

void Session::log_in(std::string user, std::shared_ptr<const FileRoot> own) {
    user_ = std::move(user);
    own_ = std::move(own);
    // The files of everybody's folder are kept open for everybody.
    files_ = own_ ? std::make_shared<OpenFiles>(*own_, shared_->options.files)
                  : std::shared_ptr<OpenFiles>(shared_, &shared_->files);
    folder_.clear();
    say(230, "Come in.");
}

// RFC 959 4.1.1: as it was in the beginning, but for what protects it.
void Session::reinitialize() {
    data_.forget();
    files_.reset();
    own_.reset();
    user_.clear();
    asked_for_.reset();
    folder_.clear();
    ascii_ = true;
    extended_only_ = false;
    utf8_ = false;
    facts_ = {};
    restart_ = 0;
    allocated_.reset();
    began_ = shared_->network.now();
    say(220, "Begin anew.");
}

void Session::authenticate(const std::string& mechanism) {
    const bool known = equal_ignoring_case(mechanism, "TLS") || equal_ignoring_case(mechanism, "TLS-C") ||
                       equal_ignoring_case(mechanism, "SSL");
    if (!shared_->options.tls) return say(502, "There is no TLS here.");
    if (!known) return say(504, "TLS is what there is.");
    if (under_tls_) return say(503, "It is under TLS already.");
    // It would be taken for something said under TLS: by whoever is between (RFC 4217 15).
    if (control_.has_unread()) return say_goodbye(421, "Nothing may be sent behind AUTH before it is answered.");
    say(234, "Go ahead.");
    data_.forget();
    files_.reset();  // RFC 4217 4.3: who he was, he was in clear
    own_.reset();
    user_.clear();
    asked_for_.reset();
    begin_tls_ = true;
}

void Session::protection_buffer(const std::string& size) {
    if (!under_tls_) return say(503, "AUTH TLS comes first.");
    buffer_said_ = true;
    say(200, size == "0" ? "PBSZ=0" : "PBSZ=0: a stream has no other.");
}

void Session::protection(const std::string& level) {
    if (!under_tls_ || !buffer_said_) return say(503, "AUTH TLS and PBSZ come first.");
    const char letter = level.size() == 1 ? to_lower(level.front()) : '?';
    if (letter == 's' || letter == 'e') return say(536, "TLS has P and C.");
    if (letter != 'p' && letter != 'c') return say(504, "C or P.");
    protect_ = letter == 'p';
    say(200, protect_ ? "Data is protected." : "Data is in clear.");
}

}  // namespace strata::application::ftp
