// How a client wants it: TYPE, STRU, MODE, REST, ALLO, PORT, PASV (RFC 959 4.1.2, 4.1.3), EPRT,
// EPSV (RFC 2428), FEAT, OPTS (RFC 2389).

#include "strata/0_foundation/ascii.hpp"
#include "strata/0_foundation/decimal.hpp"
#include "strata/7_application/ftp/message/data_address.hpp"
#include "strata/7_application/ftp/message/reply.hpp"
#include "strata/7_application/ftp/server/session.hpp"

namespace strata::application::ftp {
namespace {}  // namespace

// A and A N; I, and L 8, which is the same (RFC 1123 4.1.2.1).
void Session::type(const std::string& argument) {
    const std::string asked = in_lower_case(argument);
    if (asked == "a" || asked == "a n") {
        ascii_ = true;
        return say(200, "Text.");
    }
    if (asked == "i" || asked == "l 8" || asked == "l8") {
        ascii_ = false;
        return say(200, "Bytes.");
    }
    const bool known = asked.starts_with('a') || asked.starts_with('e') || asked.starts_with('l');
    say(known ? 504 : 501, "A, A N, I and L 8 are what there is.");
}

void Session::structure(const std::string& argument) {
    const std::string asked = in_lower_case(argument);
    if (asked == "f") return say(200, "Files.");
    say(asked == "r" || asked == "p" ? 504 : 501, "F is what there is.");
}

void Session::mode(const std::string& argument) {
    const std::string asked = in_lower_case(argument);
    if (asked == "s") return say(200, "A stream.");
    say(asked == "b" || asked == "c" || asked == "z" ? 504 : 501, "S is what there is.");
}

void Session::restart(const std::string& argument) {
    const auto offset = parse_decimal<std::uint64_t>(argument);
    if (!offset) return say(501, "A number of bytes is wanted.");
    restart_ = *offset;
    say(350, "From there, with the next transfer.");
}

// RFC 959 4.1.3: the number, and " R " with that of a record, which are none here.
void Session::allocate(const std::string& argument) {
    const auto size = parse_decimal<std::uint64_t>(std::string_view(argument).substr(0, argument.find(' ')));
    if (!size) return say(501, "A number of bytes is wanted.");
    allocated_ = size;
    say(200, "There will be room, or the transfer is not begun.");
}

void Session::port(const std::string& argument) {
    if (extended_only_) return say(503, "After EPSV ALL there is nothing but EPSV.");
    const auto at = parse_port_argument(argument);
    if (!at) return say(501, "Six numbers are wanted: h1,h2,h3,h4,p1,p2.");
    // RFC 2577 3: nobody else is called, and no service.
    if (!data_.may_call(*at)) return say(504, "You are called at your own address, at a port from 1024 on.");
    data_.call(*at);
    say(200, "You will be called.");
}

void Session::extended_port(const std::string& argument) {
    if (extended_only_) return say(503, "After EPSV ALL there is nothing but EPSV.");
    const auto at = parse_eprt_argument(argument);
    if (!at && at.error() == BadEprt::family) return say(522, "Family not known, use (1,2)");
    if (!at) return say(501, "|family|address|port| is wanted.");
    if (!data_.may_call(*at)) return say(504, "You are called at your own address, at a port from 1024 on.");
    data_.call(*at);
    say(200, "You will be called.");
}

void Session::passive() {
    if (extended_only_) return say(503, "After EPSV ALL there is nothing but EPSV.");
    auto at = data_.listen(client.stream);
    if (!at) return say(425, "No port can be opened.");
    if (shared_->options.public_address) at->address = IpAddress{*shared_->options.public_address};
    if (!at->address.is_v4()) {
        data_.forget();
        return say(522, "That is for IPv4: EPSV is for all (2)");
    }
    say(227, "Entering Passive Mode (" + format_port_argument(*at) + ").");
}

void Session::extended_passive(const std::string& argument) {
    if (equal_ignoring_case(argument, "ALL")) {
        extended_only_ = true;
        return say(200, "Nothing but EPSV from now on.");
    }
    const bool v4 = !client.stream.local().is_unix() && client.stream.local().endpoint().address.is_v4();
    if (!argument.empty() && argument != "1" && argument != "2") return say(501, "EPSV, EPSV 1, EPSV 2 or EPSV ALL.");
    if (!argument.empty() && (argument == "1") != v4)
        return say(522, v4 ? "Use the family of this connection, (1)" : "Use the family of this connection, (2)");
    const auto at = data_.listen(client.stream);
    if (!at) return say(425, "No port can be opened.");
    say(229, "Entering Extended Passive Mode (|||" + std::to_string(number_of(at->port)) + "|)");
}

void Session::features() {
    LongReply text(211, "Beyond RFC 959:");
    if (shared_->options.tls) {
        text.add("AUTH TLS");
        text.add("PBSZ");
        text.add("PROT");
    }
    for (const std::string_view each : {"CLNT", "EPRT", "EPSV", "HASH SHA-256*", "MDTM", "MFMT"}) text.add(each);
    text.add("MLST " + format_facts_wanted(facts_));
    for (const std::string_view each : {"REST STREAM", "SIZE", "TVFS", "UTF8"}) text.add(each);
    say_long(211, std::move(text));
}

void Session::options_of(const std::string& argument) {
    const std::string asked = in_lower_case(argument);
    if (asked == "utf8 on" || asked == "utf8" || asked == "utf-8 on") {
        utf8_ = true;
        return say(200, "Names are in UTF-8.");
    }
    if (asked == "utf8 off" || asked == "utf-8 off") {
        utf8_ = false;
        return say(200, "Names are in " + shared_->charset.name() + ".");
    }
    if (asked == "mlst" || asked.starts_with("mlst ")) {
        facts_ = parse_facts_wanted(asked.size() > 5 ? std::string_view(asked).substr(5) : std::string_view());
        std::string told;
        for (const auto& [name, wanted] : {std::pair{"type;", facts_.type}, std::pair{"size;", facts_.size},
                                           std::pair{"modify;", facts_.modify}, std::pair{"perm;", facts_.perm}})
            if (wanted) told += name;
        return say(200, told.empty() ? "MLST OPTS" : "MLST OPTS " + told);
    }
    if (asked == "hash" || asked == "hash sha-256") return say(200, "SHA-256");
    say(501, "That option is not known.");
}

void Session::help() {
    LongReply text(214, "What is understood:");
    text.add("ABOR ACCT ALLO APPE AUTH CDUP CLNT CWD DELE EPRT EPSV FEAT HASH HELP LIST MDTM MFMT");
    text.add("MKD MLSD MLST MODE NLST NOOP OPTS PASS PASV PBSZ PORT PROT PWD QUIT REIN REST RETR");
    text.add("RMD RNFR RNTO SITE SIZE STAT STOR STOU STRU SYST TYPE USER");
    say_long(214, std::move(text));
}

}  // namespace strata::application::ftp
