#include "strata/7_application/ftp/client/remote/remote.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/0_foundation/ascii.hpp"
#include "strata/0_foundation/decimal.hpp"
#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/ftp/client/remote/data_connection.hpp"
#include "strata/7_application/ftp/message/entry_reader.hpp"

namespace strata::application::ftp {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {

std::string without_slash(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

RemoteEntry entry_of(const Conversation& with, ListedEntry listed) {
    RemoteEntry entry;
    entry.name = with.inward(listed.name);
    switch (listed.kind) {
        case ListedEntry::Kind::file: entry.kind = RemoteEntry::Kind::file; break;
        case ListedEntry::Kind::folder: entry.kind = RemoteEntry::Kind::folder; break;
        default: entry.kind = RemoteEntry::Kind::other;
    }
    entry.size = listed.size;
    if (listed.modified) entry.date = std::chrono::floor<std::chrono::seconds>(*listed.modified);
    return entry;
}

}  // namespace

awaitable<void> give_up(Conversation& with, DataConnection& data, error_code error) {
    data.stream.abort();
    if (!data.watchdog->barked()) co_await with.end_transfer();
    data.fail(error);
}

// Says of a failure what was tried, and what has become of `out`; gives up a conversation of which
// nobody knows where it is.
template <typename Result>
awaitable<Result> FtpRemote::tell(awaitable<Result> task, std::string verb, std::string target, const OutputFile* out) {
    try {
        co_return co_await std::move(task);
    } catch (const Failure& failure) {
        if (failure.lost) conversation_.reset();
        const bool has_some = failure.passing && out != nullptr && out->size() != 0;
        const std::string text = "cannot " + verb + " " + url_of(std::move(target)).to_string() + ": " + failure.why +
                                 "; " + (has_some ? out->advice() : failure.remedy);
        if (failure.passing) throw PassingError(text);
        throw TransferError(text);
    } catch (const NotSupported&) {
        throw;
    } catch (const std::exception&) {
        conversation_.reset();
        throw;
    }
}

template awaitable<void> FtpRemote::tell(awaitable<void>, std::string, std::string, const OutputFile*);
template awaitable<FileVersion> FtpRemote::tell(awaitable<FileVersion>, std::string, std::string, const OutputFile*);

awaitable<std::shared_ptr<Conversation>> FtpRemote::conversation() {
    if (conversation_ && !co_await conversation_->goes_on()) conversation_.reset();
    if (!conversation_) {
        auto begun = std::make_shared<Conversation>(network_, server(), options_);
        co_await begun->begin();
        conversation_ = std::move(begun);
    }
    co_return conversation_;
}

FtpRemote::Place FtpRemote::place_of(const Conversation& with, std::string_view target) {
    Place place;
    const std::size_t type = target.rfind(";type=");
    if (type != std::string_view::npos) {
        const std::string letter = in_lower_case(target.substr(type + 6));
        if (letter != "a" && letter != "i")
            throw Failure("its type is not known here", "write ;type=a or ;type=i", false, false);
        place.text = letter == "a";
        target = target.substr(0, type);
    }
    auto path = http::percent_decode(target.starts_with('/') ? target.substr(1) : target);
    if (!path) throw Failure("a '%' in it is not followed by two hexadecimal digits", "write it as %25", false, false);
    if (path->find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
        throw Failure("a name with a line's end in it cannot be said in FTP", "give it another name", false, false);
    place.path = with.outward(*path);
    return place;
}

// ---- looking

awaitable<RemoteEntry> FtpRemote::stat(std::string target) {
    auto task = look(target);
    co_return co_await tell(std::move(task), "look at", target);
}

awaitable<RemoteEntry> FtpRemote::look(std::string target) {
    const std::shared_ptr<Conversation> with = co_await conversation();
    const Place place = place_of(*with, target);
    const std::string path = place.path.empty() ? "." : without_slash(place.path);
    RemoteEntry entry;
    if (with->has("MLST")) {
        const Reply answer = co_await with->ask_well("MLST " + path);
        if (answer.lines.size() < 3) ftp::refuse(answer, "try again");
        std::string line = answer.lines[1];
        line.erase(0, std::min(line.find_first_not_of(' '), line.size()));
        // A folder may be its own "cdir".
        if (auto listed = parse_facts_line(line)) {
            entry = entry_of(*with, std::move(*listed));
        } else {
            entry.kind = RemoteEntry::Kind::folder;
        }
    } else {
        co_await with->set_type('I');
        const Reply size = co_await with->ask("SIZE " + path);
        if (size.code == 213) {
            entry.size = parse_decimal<std::uint64_t>(size.text());
            const Reply date = co_await with->ask("MDTM " + path);
            const auto modified = date.code == 213 ? parse_time_value(date.text()) : std::nullopt;
            if (modified) entry.date = std::chrono::floor<std::chrono::seconds>(*modified);
        } else {
            const Reply here = co_await with->ask_well("PWD");
            (void)co_await with->ask_well("CWD " + path);
            const std::size_t quote = here.text().find('"');
            const std::size_t end = here.text().rfind('"');
            if (quote != std::string::npos && end > quote)
                (void)co_await with->ask("CWD " + here.text().substr(quote + 1, end - quote - 1));
            entry.kind = RemoteEntry::Kind::folder;
        }
    }
    entry.name = with->inward(path.substr(path.rfind('/') + 1));
    co_return entry;
}

awaitable<std::vector<RemoteEntry>> FtpRemote::list(std::string target) {
    auto task = entries(target);
    co_return co_await tell(std::move(task), "list", target);
}

awaitable<std::vector<RemoteEntry>> FtpRemote::entries(std::string target) {
    const std::shared_ptr<Conversation> with = co_await conversation();
    const std::string path = without_slash(place_of(*with, target).path);
    const bool by_facts = with->has("MLST") || with->has("MLSD");
    std::string command = by_facts ? "MLSD" : "LIST";
    // A dash in front would be ls(1)'s.
    if (!path.empty()) command += (path.starts_with('-') ? " ./" : " ") + path;
    const std::string text = co_await listing(*with, std::move(command));
    const FileTime now = std::chrono::time_point_cast<FileTime::duration>(network_.calendar());
    std::vector<RemoteEntry> found;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        auto listed = by_facts ? parse_facts_line(line) : parse_list_line(line, now);
        // What leads elsewhere is nobody's name.
        if (!listed || !is_entry_name(listed->name)) continue;
        if (found.size() == options_.entries_max)
            throw Failure("it has more than " + std::to_string(options_.entries_max) + " entries",
                          "list folders within it", false, false);
        found.push_back(entry_of(*with, std::move(*listed)));
    }
    co_return found;
}

awaitable<std::string> FtpRemote::listing(Conversation& with, std::string command) {
    co_await with.set_type('A');
    session::Stream stream = co_await with.begin_transfer(std::move(command));
    DataConnection data(network_, std::move(stream));
    std::string text;
    std::vector<char> buffer(carried_at_a_time);
    error_code error;
    while (!error) {
        data.watchdog->expect_within(options_.client.stall_timeout);
        const std::size_t count =
            co_await data.stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
        if (text.size() + count > options_.listing_bytes_max)
            throw Failure(
                "its list is longer than " + std::to_string(options_.listing_bytes_max) + " bytes, which are read",
                "list folders within it", false, true);
        text.append(buffer.data(), count);
    }
    if (error != asio::error::eof) co_await give_up(with, data, error);
    data.finish();
    co_await with.end_transfer();
    co_return text;
}

// ---- changing

awaitable<bool> FtpRemote::make_folder(std::string target) {
    auto task = make(target);
    co_return co_await tell(std::move(task), "make the folder", target);
}

awaitable<bool> FtpRemote::make(std::string target) {
    const std::shared_ptr<Conversation> with = co_await conversation();
    const std::string path = without_slash(place_of(*with, target).path);
    const Reply answer = co_await with->ask("MKD " + path);
    if (answer.is_done()) co_return true;
    bool is_there = false;
    try {
        const RemoteEntry there = co_await look(target);
        is_there = there.kind == RemoteEntry::Kind::folder;
    } catch (const Failure& failure) {
        if (failure.lost) throw;
    }
    if (!is_there) ftp::refuse(answer, "check the name, and what you may do there");
    co_return false;
}

awaitable<void> FtpRemote::rename(std::string from, std::string to) {
    auto task = move(from, std::move(to));
    co_await tell(std::move(task), "rename", from);
}

awaitable<void> FtpRemote::move(std::string from, std::string to) {
    const std::shared_ptr<Conversation> with = co_await conversation();
    const Place old_place = place_of(*with, from);
    const Place new_place = place_of(*with, to);
    (void)co_await with->ask_well("RNFR " + without_slash(old_place.path));
    (void)co_await with->ask_well("RNTO " + without_slash(new_place.path));
}

awaitable<void> FtpRemote::remove(std::string target) {
    auto task = erase(target);
    co_await tell(std::move(task), "remove", target);
}

awaitable<void> FtpRemote::erase(std::string target) {
    const std::shared_ptr<Conversation> with = co_await conversation();
    const std::string path = without_slash(place_of(*with, target).path);
    const Reply file = co_await with->ask("DELE " + path);
    if (file.is_done()) co_return;
    const Reply folder = co_await with->ask("RMD " + path);
    if (!folder.is_done())
        ftp::refuse(target.ends_with('/') ? folder : file, "check the name, and what you may do there");
}

awaitable<void> FtpRemote::set_date(std::string target, std::chrono::sys_seconds date_wanted) {
    auto task = date(target, date_wanted);
    co_await tell(std::move(task), "date", target);
}

awaitable<void> FtpRemote::date(std::string target, std::chrono::sys_seconds date_wanted) {
    const std::shared_ptr<Conversation> with = co_await conversation();
    const std::string path = without_slash(place_of(*with, target).path);
    const std::string time = format_time_value(FileTime{date_wanted});
    const Reply answer = co_await with->ask("MFMT " + time + " " + path);
    // RFC 959 4.2.2: it does not know the command.
    if (answer.code == 500 || answer.code == 502 || answer.code == 504) Remote::refuse("date", target);
    if (!answer.is_done()) ftp::refuse(answer, "check the name, and what you may do there");
}

awaitable<void> FtpRemote::leave() {
    const std::shared_ptr<Conversation> with = std::exchange(conversation_, nullptr);
    if (with) co_await with->leave();
}

}  // namespace strata::application::ftp
