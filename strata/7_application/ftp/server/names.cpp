// What is in the folder: CWD, PWD, SIZE, MDTM, MLST (RFC 3659), and what changes it: DELE, RMD,
// MKD, RNFR, RNTO (RFC 959 4.1.3), MFMT, SITE, HASH.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <vector>

#include "strata/0_foundation/ascii.hpp"
#include "strata/6_presentation/digest.hpp"
#include "strata/7_application/ftp/message/path.hpp"
#include "strata/7_application/ftp/message/reply.hpp"
#include "strata/7_application/ftp/server/replies.hpp"
#include "strata/7_application/ftp/server/session.hpp"

namespace strata::application::ftp {

namespace asio = session::asio;

namespace {

constexpr std::size_t digested_at_a_time = 1 << 20;  // about a millisecond's

// "FIRST REST": both, the second without the space between.
std::pair<std::string_view, std::string_view> split(std::string_view text) {
    const std::size_t space = std::min(text.find(' '), text.size());
    return {text.substr(0, space), text.substr(std::min(space + 1, text.size()))};
}

std::optional<unsigned> octal(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > 0777) return std::nullopt;
    return value;
}

}  // namespace

// The name of something in the served folder; if it cannot be one, that has been said. Names are
// decoded before they are taken apart: the second octet of a character of GBK may look like a '/'.
std::optional<std::string> Session::name_in(const std::string& argument) {
    const presentation::Charset& charset = shared_->charset;
    const bool as_it_is = utf8_ || charset.name() == "UTF-8";
    auto text = as_it_is ? std::expected<std::string, std::error_code>(argument) : charset.decode(argument);
    if (!text || text->contains('\0')) {
        say(501, "That name cannot be.");
        return std::nullopt;
    }
    return resolve(folder_, *text);
}

std::optional<FileFacts> Session::look(const std::string& name) {
    const auto facts = root().look(name);
    if (facts) return *facts;
    const Refusal why = refusal_of_reading(facts.error());
    say(why.code, why.text);
    return std::nullopt;
}

// As a client reads it.
std::string Session::outward(std::string_view text) const {
    if (utf8_ || shared_->charset.name() == "UTF-8") return std::string(text);
    return shared_->charset.encode(text, presentation::OnInvalid::replace).value_or("?");
}

void Session::change_folder(const std::string& argument) {
    const auto name = name_in(argument);
    if (!name) return;
    // One that may not be read may still be entered: what is said of it is for its commands.
    const auto facts = look(*name);
    if (!facts) return;
    if (!facts->folder) return say(550, "That is a file.");
    folder_ = *name;
    say(250, "You are in " + quoted(outward(shown(folder_))) + ".");
}

void Session::print_folder() { say(257, quoted(outward(shown(folder_)))); }

// RFC 3659 4: as many bytes as would be sent. Of text that is not known before it is read.
void Session::size_of(const std::string& argument) {
    const auto name = name_in(argument);
    if (!name) return;
    const auto facts = look(*name);
    if (!facts) return;
    if (facts->folder) return say(550, "That is a folder.");
    if (ascii_) return say(550, "The size of text is not known before it is sent: TYPE I.");
    say(213, std::to_string(facts->size));
}

void Session::date_of(const std::string& argument) {
    const auto name = name_in(argument);
    if (!name) return;
    if (const auto facts = look(*name)) say(213, format_time_value(facts->modified));
}

void Session::set_date(const std::string& argument) {
    const auto [time, path] = split(argument);
    const auto date = parse_time_value(time);
    if (!date || path.empty()) return say(501, "YYYYMMDDHHMMSS and a name are wanted.");
    const auto name = name_in(std::string(path));
    if (!name) return;
    const auto done = root().set_modified(*name, *date);
    if (!done) return say(refusal_of_writing(done.error()).code, refusal_of_writing(done.error()).text);
    say(213, "Modify=" + format_time_value(*date) + "; " + outward(shown(*name)));
    note("MFMT " + shown(*name));
}

void Session::facts_of(const std::string& argument) {
    const auto name = name_in(argument);
    if (!name) return;
    const auto facts = look(*name);
    if (!facts) return;
    std::string line;
    append_facts(line, *facts, facts->folder ? (*name == folder_ ? "cdir" : "dir") : "file", root().rights(), facts_);
    LongReply text(250, "What is known of it:");
    text.add(line + outward(shown(*name)));
    say_long(250, std::move(text));
}

void Session::remove(const std::string& argument, bool folder) {
    const auto name = name_in(argument);
    if (!name) return;
    std::error_code wrong = root().check_right(FileRights::all);
    if (!wrong) {
        const auto facts = look(*name);
        if (!facts) return;
        if (facts->folder != folder) return say(550, folder ? "That is a file." : "That is a folder.");
        const auto removed = root().remove(*name);
        if (!removed) wrong = removed.error();
    }
    if (wrong) {
        const Refusal why = refusal_of_writing(wrong);
        say(why.code, why.text);
    } else {
        say(250, "It is gone.");
    }
    note((folder ? "RMD " : "DELE ") + shown(*name));
}

void Session::make_folder(const std::string& argument) {
    const auto name = name_in(argument);
    if (!name) return;
    const auto made = root().make_folder(*name);
    if (made) {
        say(257, quoted(outward(shown(*name))) + " is there.");
    } else {
        const Refusal why = refusal_of_writing(made.error());
        const bool there = made.error() == std::errc::file_exists;
        say(there ? 550 : why.code, there ? "There is something of that name." : why.text);
    }
    note("MKD " + shown(*name));
}

void Session::rename_from(const std::string& argument) {
    const auto name = name_in(argument);
    if (!name) return;
    if (const std::error_code wrong = root().check_right(FileRights::all))
        return say(refusal_of_writing(wrong).code, refusal_of_writing(wrong).text);
    if (!look(*name)) return;
    renamed_ = *name;
    say(350, "And what shall its name be?");
}

// Replaces no file: who has two of a name has both.
void Session::rename_to(const std::string& argument) {
    const auto from = std::exchange(renamed_, std::nullopt);
    if (!from) return say(503, "RNFR comes first.");
    const auto to = name_in(argument);
    if (!to) return;
    const auto done = root().rename(*from, *to);
    if (done) {
        say(250, "So it is named.");
    } else {
        const bool there = done.error() == std::errc::file_exists;
        say(there ? 553 : refusal_of_writing(done.error()).code,
            there ? "There is something of that name." : refusal_of_writing(done.error()).text);
    }
    note("RNFR " + shown(*from) + " RNTO " + shown(*to));
}

// SITE CHMOD MODE NAME; SITE UTIME TIME NAME; SITE HELP.
void Session::site(const std::string& argument) {
    const auto [word, rest] = split(argument);
    const std::string asked = in_lower_case(word);
    if (asked == "help") return say(214, "CHMOD MODE NAME, UTIME YYYYMMDDHHMMSS NAME");
    if (asked == "utime") return set_date(std::string(rest));
    if (asked != "chmod") return say(504, "SITE HELP says what there is.");
    const auto [digits, path] = split(rest);
    const auto mode = octal(digits);
    if (!mode || path.empty()) return say(501, "Three octal digits and a name are wanted.");
    const auto name = name_in(std::string(path));
    if (!name) return;
    const auto done = root().set_mode(*name, *mode);
    if (!done) return say(refusal_of_writing(done.error()).code, refusal_of_writing(done.error()).text);
    say(200, "So it is.");
    note("SITE CHMOD " + shown(*name));
}

// As draft-ietf-ftpext2-hash has it: "213 SHA-256 0-SIZE DIGEST NAME".
Session::Wait Session::digest_of(std::string argument) {
    const auto name = name_in(argument);
    if (!name) co_return;
    auto file = files_->open(*name, shared_->network.now());
    if (!file || (*file)->facts().folder) {
        say(file ? 553 : 550, file ? "That is a folder." : "There is no such file that can be had.");
        co_return;
    }
    const Turns::Turn turn = co_await shared_->digests.wait();
    presentation::Sha256 digest;
    std::vector<std::byte> buffer(digested_at_a_time);
    const std::uint64_t size = (*file)->facts().size;
    for (std::uint64_t at = 0; at < size;) {
        const auto left = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size - at));
        const auto read = (*file)->read(at, MutableBytes(buffer).first(left));
        if (!read || *read == 0) {
            say(450, "The file changed, or cannot be read.");
            co_return;
        }
        digest.add(Bytes(buffer).first(*read));
        at += *read;
        co_await asio::post(shared_->network.get_executor(), asio::use_awaitable);
        if (cut_off) co_return;
    }
    say(213, "SHA-256 0-" + std::to_string(size) + " " + digest.finish() + " " + outward(shown(*name)));
}

}  // namespace strata::application::ftp
