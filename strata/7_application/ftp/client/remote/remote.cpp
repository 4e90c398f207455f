#include "strata/7_application/ftp/client/remote/remote.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/0_foundation/ascii.hpp"
#include "strata/0_foundation/decimal.hpp"
#include "strata/0_foundation/printable.hpp"
#include "strata/6_presentation/netascii/line_ends.hpp"
#include "strata/7_application/ftp/message/entry_reader.hpp"
#include "strata/7_application/http/message/date.hpp"
#include "strata/7_application/transfer/pace.hpp"

namespace strata::application::ftp {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {

constexpr std::size_t sent_at_a_time = 256 << 10;

std::chrono::sys_seconds to_the_second(FileTime time) { return std::chrono::floor<std::chrono::seconds>(time); }

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
    if (listed.modified) entry.date = to_the_second(*listed.modified);
    return entry;
}

// A data connection and who watches it; both end with it. Unless it came to its end it is reset: an
// end in order would be that of the file (RFC 959 3.4.1).
struct DataConnection {
    DataConnection(session::Network& network, session::Stream made)
        : stream(std::move(made)), watchdog(Watchdog::make(network, stream)) {}
    DataConnection(const DataConnection&) = delete;
    DataConnection& operator=(const DataConnection&) = delete;
    ~DataConnection() {
        watchdog->stop();
        if (!is_over) stream.abort();
    }
    void finish() {
        is_over = true;
        stream.close();
    }
    [[noreturn]] void fail(const error_code& error) const {
        throw Failure(
            watchdog->barked() ? "nothing comes any more" : "the data connection was lost: " + error.message(),
            "try again", true, true);
    }
    session::Stream stream;
    std::shared_ptr<Watchdog> watchdog;
    bool is_over = false;
};

// It is lost: the server may say why, where it was not silent.
awaitable<void> give_up(Conversation& with, DataConnection& data, error_code error) {
    data.stream.abort();
    if (!data.watchdog->barked()) co_await with.end_transfer();
    data.fail(error);
}

}  // namespace

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

// ---- reading

awaitable<void> FtpRemote::read(std::string target, OutputFile& out, Progress on_progress) {
    auto task = fetch(target, out, std::move(on_progress));
    co_await tell(std::move(task), "fetch", target, &out);
}

awaitable<void> FtpRemote::fetch(std::string target, OutputFile& out, Progress on_progress) {
    const std::shared_ptr<Conversation> with = co_await conversation();
    const Place place = place_of(*with, target);
    if (place.path.empty() || place.path.ends_with('/'))
        throw Failure("it names no file", "write ftp://HOST[:PORT]/NAME", false, false);
    co_await with->set_type(place.text ? 'A' : 'I');
    FileVersion version;
    std::optional<FileTime> modified;
    if (!place.text) {
        const Reply size = co_await with->ask("SIZE " + place.path);
        if (size.code == 213) version.total = parse_decimal<std::uint64_t>(size.text());
    }
    const Reply date = co_await with->ask("MDTM " + place.path);
    if (date.code == 213) modified = parse_time_value(date.text());
    if (modified) version.last_modified = http::format_date(to_the_second(*modified));
    const FileVersion& ours = out.version();
    const bool continues = !place.text && !out.is_finished() && out.size() != 0 && modified && version.total &&
                           ours.last_modified == version.last_modified && ours.total == version.total &&
                           out.size() <= *version.total;
    if (!continues && out.size() != 0 && !out.is_finished()) {
        if (options_.client.on_notice)
            options_.client.on_notice(
                "the server does not say that it has what is there a part of: it is fetched anew");
        out.restart();
    }
    const std::uint64_t from = out.is_finished() ? 0 : out.size();
    session::Stream stream = co_await with->begin_transfer("RETR " + place.path, from);
    DataConnection data(network_, std::move(stream));
    out.note_version(version);
    if (modified) out.note_date(to_the_second(*modified));
    std::uint64_t done = from;
    if (on_progress) on_progress(done, version.total);
    presentation::LineEndsDecoder decoder;
    std::vector<std::byte> text;
    Pace pace(network_, options_.client.rate_limit);
    error_code error;
    while (!error) {
        data.watchdog->expect_within(options_.client.stall_timeout);
        MutableBytes buffer = out.lend();
        buffer = buffer.first(pace.at_once(buffer.size()));
        const std::size_t count = co_await data.stream.async_read_some(asio::buffer(buffer.data(), buffer.size()),
                                                                       redirect_error(use_awaitable, error));
        const Bytes arrived = Bytes(buffer).first(count);
        if (place.text) {
            text.clear();
            decoder.decode(arrived, text);
            if (error == asio::error::eof) decoder.finish(text);
            out.write(text);
        } else {
            out.write(arrived);
        }
        done += count;
        if (on_progress && count > 0) on_progress(done, version.total);
        if (!error) co_await pace.after(count);
    }
    if (error != asio::error::eof) co_await give_up(*with, data, error);
    data.finish();
    // The end of the stream may be that of the server: it is whole if
    // it says so, and as long as it said.
    co_await with->end_transfer();
    if (version.total && done != *version.total)
        throw Failure("it has " + std::to_string(*version.total) + " bytes, and " + std::to_string(done) + " came",
                      "try again", true, false);
    if (!continues) co_return;
    // It may have been replaced behind the answers that the part was compared with.
    const Reply again = co_await with->ask("MDTM " + place.path);
    if (again.code != 213 || parse_time_value(again.text()) != modified)
        throw Failure("it was changed while it was fetched", "try again", true, false);
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
            if (modified) entry.date = to_the_second(*modified);
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
    std::vector<char> buffer(sent_at_a_time);
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

// ---- writing

awaitable<void> FtpRemote::write(std::string target, InputFile& in, WriteOptions options, Progress on_progress) {
    auto task = store(target, in, options.replace, std::move(on_progress));
    co_await tell(std::move(task), "put", target);
}

awaitable<void> FtpRemote::store(std::string target, InputFile& in, bool replace, Progress on_progress) {
    const std::shared_ptr<Conversation> with = co_await conversation();
    const Place place = place_of(*with, target);
    if (place.path.empty() || place.path.ends_with('/'))
        throw Failure("it names no file", "write ftp://HOST[:PORT]/NAME", false, false);
    in.restart();
    co_await with->set_type(place.text ? 'A' : 'I');
    if (!replace) {
        const Reply there = co_await with->ask("SIZE " + place.path);
        if (there.code == 213)
            throw Failure("there is a file of that name", "replace it with --force, or choose another name", false,
                          false);
    }
    session::Stream stream = co_await with->begin_transfer("STOR " + place.path);
    DataConnection data(network_, std::move(stream));
    std::uint64_t done = 0;
    if (on_progress) on_progress(done, in.size());
    std::vector<std::byte> buffer(sent_at_a_time);
    presentation::LineEndsEncoder encoder;
    std::vector<std::byte> text;
    Pace pace(network_, options_.client.rate_limit);
    error_code error;
    while (!error) {
        const MutableBytes room = MutableBytes(buffer).first(pace.at_once(buffer.size()));
        const std::size_t count = co_await in.read(network_, room);
        if (count == 0) break;
        Bytes bytes = Bytes(buffer).first(count);
        if (place.text) {
            text.clear();
            encoder.encode(bytes, text);
            bytes = text;
        }
        data.watchdog->expect_within(options_.client.stall_timeout);
        co_await data.stream.async_write(asio::buffer(bytes.data(), bytes.size()),
                                         redirect_error(use_awaitable, error));
        data.watchdog->wrote(bytes.size());
        done += count;
        if (on_progress) on_progress(done, in.size());
        if (!error) co_await pace.after(count);
    }
    // A server that does not take it says why on the control connection.
    if (error) co_await give_up(*with, data, error);
    (void)data.stream.shut_down_sending();
    co_await with->end_transfer();
    data.finish();
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
