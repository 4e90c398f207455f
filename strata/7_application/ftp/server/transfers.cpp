// Transfers: RETR, STOR, STOU, APPE, LIST, NLST, MLSD, ABOR, STAT (RFC 959 4.1.3, RFC 3659 7).
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/7_application/ftp/message/path.hpp"
#include "strata/7_application/ftp/message/reply.hpp"
#include "strata/7_application/ftp/server/replies.hpp"
#include "strata/7_application/ftp/server/session.hpp"

namespace strata::application::ftp {

namespace asio = session::asio;

namespace {

constexpr unsigned unique_tries = 16;
constexpr std::size_t pattern_most = 255;        // bytes, as of a name: each entry is compared with all of it
constexpr std::size_t status_lines_most = 1000;  // of STAT with a name: a longer listing is for LIST

// "-la NAME": what ls would do is done here anyhow.
std::string_view without_switches(std::string_view argument) {
    while (argument.starts_with('-')) {
        const std::size_t space = argument.find(' ');
        argument = space == std::string_view::npos ? std::string_view() : argument.substr(space + 1);
    }
    return argument;
}

std::string_view name_of(Verb verb) {
    switch (verb) {
        case Verb::retr: return "RETR ";
        case Verb::stor: return "STOR ";
        case Verb::stou: return "STOU ";
        case Verb::appe: return "APPE ";
        case Verb::nlst: return "NLST ";
        case Verb::mlsd: return "MLSD ";
        default: return "LIST ";
    }
}

// Under a name that nothing has, this one if it can be (RFC 959 4.1.3 at STOU).
std::expected<Upload, std::error_code> begin_unique(const FileRoot& root, std::string& name, const UploadOptions& how,
                                                    Entropy& entropy) {
    const std::string wished = name;
    for (unsigned tries = 1;; ++tries) {
        auto upload = Upload::begin(root, name, how);
        if (upload || upload.error() != std::errc::file_exists || tries == unique_tries) return upload;
        name = wished + "." + std::to_string(entropy.below(1'000'000));
    }
}

std::string request(Verb verb, std::string_view name) { return std::string(name_of(verb)) + shown(name); }

}  // namespace

bool Session::may_connect() {
    if (data_.is_arranged()) return true;
    say(425, "PASV, EPSV, PORT or EPRT comes first.");
    return false;
}

Session::Wait Session::retrieve(std::string argument) {
    const std::uint64_t from = std::exchange(restart_, 0);
    const auto name = name_in(argument);
    if (!name || !may_connect()) co_return;
    auto file = files_->open(*name, shared_->network.now());
    if (!file || (*file)->facts().folder) {
        const Refusal why = file ? Refusal{550, "That is a folder."} : refusal_of_reading(file.error());
        say(why.code, why.text);
        note(request(Verb::retr, *name));
        co_return;
    }
    if (from > (*file)->facts().size) {
        say(554, "The file is not as long as that.");
    } else if (from != 0 && ascii_) {
        say(554, "Text is sent from its beginning: TYPE I.");
    } else {
        begin(make_sending(*shared_, request(Verb::retr, *name), std::move(*file), from, ascii_));
    }
}

Session::Wait Session::store(Verb verb, std::string argument) {
    const std::uint64_t keep = std::exchange(restart_, 0);
    const auto size = std::exchange(allocated_, std::nullopt);
    std::optional<std::string> name;
    if (verb == Verb::stou && argument.empty()) argument = "upload";
    if (verb != Verb::stor && argument.empty()) {
        say(501, "A name is wanted.");
        co_return;
    }
    name = name_in(argument);
    if (!name || !may_connect()) co_return;
    if (keep != 0 && ascii_) {
        say(554, "Text is sent from its beginning: TYPE I.");
        co_return;
    }
    UploadOptions how;
    how.replace = verb != Verb::stou && root().rights() == FileRights::all;
    how.size_expected = size;
    how.keep_first = verb == Verb::appe ? Upload::keep_whole : verb == Verb::stor ? keep : 0;
    how.sync = shared_->options.sync;
    if (root().rights() < FileRights::all && how.keep_first == Upload::keep_whole) how.keep_first = 0;  // it is new
    auto upload = verb == Verb::stou ? begin_unique(root(), *name, how, shared_->network.entropy())
                                     : Upload::begin(root(), *name, how);
    if (!upload) {
        const bool too_far = keep != 0 && upload.error() == std::errc::invalid_argument;
        const Refusal why =
            too_far ? Refusal{554, "The file is not as long as that."} : refusal_of_writing(upload.error());
        say(why.code, why.text);
        note(request(verb, *name));
        co_return;
    }
    // RFC 1123 4.1.2.9.
    const std::string told = verb == Verb::stou ? "FILE: " + outward(shown(*name)) : "Send it.";
    begin(make_receiving(*shared_, request(verb, *name), std::move(*upload), ascii_, size), told);
}

Session::Wait Session::list(Verb verb, std::string argument) {
    const std::string_view asked = verb == Verb::mlsd ? std::string_view(argument) : without_switches(argument);
    auto name = name_in(std::string(asked));
    if (!name || !may_connect()) co_return;
    ListingWanted wanted;
    wanted.form = verb == Verb::list   ? ListingWanted::Form::list
                  : verb == Verb::nlst ? ListingWanted::Form::names
                                       : ListingWanted::Form::facts;
    wanted.facts = facts_;
    wanted.utf8 = utf8_ || shared_->charset.name() == "UTF-8";
    wanted.keeps = own_;
    // What is there counts first: a name may have a star in it.
    if (verb != Verb::mlsd && is_pattern(*name) && !root().look(*name)) {
        wanted.pattern = entry_of(*name);
        if (wanted.pattern.size() > pattern_most) {
            say(501, "That pattern is too long.");
            co_return;
        }
        *name = folder_of(*name);
    }
    auto folder = files_->open(*name, shared_->network.now());
    if (!folder) {
        const Refusal why = refusal_of_reading(folder.error());
        say(why.code, why.text);
        co_return;
    }
    if (!(*folder)->facts().folder) {
        if (verb == Verb::mlsd) {
            say(501, "That is a file: MLST.");
            co_return;
        }
        std::string line;
        if (verb == Verb::list) {
            append_list_line(line, (*folder)->facts(), on_a_line(outward(entry_of(*name))), root().rights(), now());
        } else {
            line = on_a_line(std::string(asked));
        }
        begin(make_line(*shared_, request(verb, *name), line + "\r\n"));
        co_return;
    }
    // NLST of another folder says names that can be asked for from here.
    const std::string_view written = asked.substr(0, wanted.pattern.empty() ? asked.size() : asked.rfind('/') + 1);
    if (!written.empty()) wanted.prefix = std::string(written) + (written.ends_with('/') ? "" : "/");
    wanted.folder = *name;
    begin(make_listing(*shared_, request(verb, *name), root(), std::move(*folder), std::move(wanted)));
}

// A listing over the control connection.
Session::Wait Session::status_of(std::string argument) {
    const auto name = name_in(std::string(without_switches(argument)));
    if (!name) co_return;
    auto file = files_->open(*name, shared_->network.now());
    if (!file) {
        const Refusal why = refusal_of_reading(file.error());
        say(why.code == 550 ? 450 : why.code, why.text);
        co_return;
    }
    LongReply text((*file)->facts().folder ? 212 : 213, "Status of " + quoted(outward(shown(*name))) + ":");
    std::string line;
    if ((*file)->facts().folder) {
        const Turns::Turn turn = co_await shared_->listings.wait();
        const Names names = co_await read_names(shared_->network, root(), **file, *name);
        for (std::size_t i = 0; names && i < std::min(names->size(), status_lines_most); ++i) {
            const auto entry = names->look_at(i);
            if (!entry) continue;
            line.clear();
            append_list_line(line, entry->facts, outward(entry->name), root().rights(), now());
            text.add(line);
        }
        if (names && names->size() > status_lines_most) text.add("... and more: LIST has them all.");
    } else {
        append_list_line(line, (*file)->facts(), outward(entry_of(*name)), root().rights(), now());
        text.add(line);
    }
    say_long(213, std::move(text));
}

void Session::status() {
    LongReply text(211, "Strata FTP:");
    text.add(is_logged_in() ? "logged in as " + user_ : "not logged in");
    text.add(std::string("TYPE ") + (ascii_ ? "A" : "I") + ", STRU F, MODE S");
    text.add(std::string("control ") + (under_tls_ ? "under TLS" : "in clear") + ", data " +
             (protect_ ? "under TLS" : "in clear"));
    if (transfer_) text.add(transfer_->request() + ": " + std::to_string(transfer_->bytes()) + " bytes so far");
    say_long(211, std::move(text));
}

namespace {

// All that the connection was, beside the commands.
session::asio::awaitable<Outcome> connect_and_run(DataChannel& data, std::shared_ptr<Transfer> transfer, bool protect) {
    auto stream = co_await data.connect(protect);
    if (transfer->is_cancelled()) co_return Outcome{426, "Given up.", Ending::by_client};
    if (!stream) co_return Outcome{425, "The data connection did not come about.", Ending::by_client};
    session::Stream taken = std::move(*stream);
    Outcome outcome = co_await transfer->run(std::move(taken));
    if (data.is_foreign())
        outcome = {522, "A data connection goes on with the TLS session of its commands.", Ending::by_client};
    co_return outcome;
}

}  // namespace

void Session::begin(std::shared_ptr<Transfer> transfer, std::string_view told) {
    transfer_ = std::move(transfer);
    transfer_->began = shared_->network.now();
    say(150, told);
    // The session waits for its end before its own.
    auto ends = [this, keeps = transfer_](std::exception_ptr failed, Outcome outcome) {
        // Out of memory, say.
        if (failed) outcome = {451, "That did not go well.", Ending::by_server};
        say(outcome.code, outcome.text);
        note(keeps->request(), keeps->bytes(), shared_->network.now() - keeps->began, outcome.ending);
        if (keeps->is_cancelled() && aborting_) say(226, "It was given up.");
        aborting_ = false;
        transfer_.reset();
        expect_command();
        transfer_news_.tell();
        if (waiting_) flush();
        if (waiting_ && stopping_) client.stream.cancel();
    };
    asio::co_spawn(shared_->network.get_executor(), connect_and_run(data_, transfer_, protect_), std::move(ends));
}

// The reader of commands waits for the client: somebody else has to see that he is told.
void Session::flush() {
    if (!control_.has_unsaid()) return;
    ++flushing_;
    asio::co_spawn(shared_->network.get_executor(), control_.said(), [this](const std::exception_ptr&, bool) {
        --flushing_;
        expect_command();
        transfer_news_.tell();
    });
}

void Session::abort_transfer() {
    if (!transfer_) return say(226, "Nothing is under way.");
    aborting_ = true;
    cancel_transfer(Ending::by_client);
}

void Session::cancel_transfer(Ending why) {
    if (!transfer_) return;
    transfer_->cancel(why);
    data_.give_up();
}

Session::Wait Session::transfer_over() {
    while (transfer_ || flushing_ != 0) (void)co_await transfer_news_.next();
}

}  // namespace strata::application::ftp
