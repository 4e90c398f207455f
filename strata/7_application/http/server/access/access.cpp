#include "strata/7_application/http/server/access/access.hpp"

#include "strata/7_application/http/server/writing/changes.hpp"

namespace strata::application::http {
namespace {

// RFC 7617 2.1: names and passwords are UTF-8.
Answer ask_who(std::string_view explanation) {
    Answer refused = error_answer(401, explanation);
    refused.fields.emplace_back("WWW-Authenticate", "Basic realm=\"strata\", charset=\"UTF-8\"");
    return refused;
}

Answer not_in_clear() {
    return error_answer(403, "Passwords are not taken here, where they can be read on the way: log in by https.");
}

}  // namespace

Visitor visitor_of(const Request& request, const AccessOptions& options, bool secure, FileRights rights) {
    const bool changes = is_change(request.method);
    if (changes && request.origin && !is_same_site(*request.origin, request.host))
        return error_answer(403, "A page of another site changes nothing here.");
    if (!options.users) return Stranger{};
    const bool takes_passwords = secure || options.insecure_login;
    if (request.authorization) {
        if (!takes_passwords) return not_in_clear();
        auto credentials = parse_basic(*request.authorization);
        if (!credentials) return ask_who("Who are you?");
        return std::move(*credentials);
    }
    // Whoever may not do it as a stranger may as somebody.
    if (options.anonymous && (!changes || rights != FileRights::read)) return Stranger{};
    return takes_passwords ? ask_who("Who are you?") : not_in_clear();
}

Answer login_refusal(LoginFault fault) {
    if (fault == LoginFault::wrong) return ask_who("That name and password are not known.");
    Answer busy = error_answer(503, "Too many attempts to log in: try again soon.");
    busy.fields.emplace_back("Retry-After", "15");
    return busy;
}

}  // namespace strata::application::http
