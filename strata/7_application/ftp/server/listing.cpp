// LIST, NLST and MLSD: a folder's entries go to the client.
#include <algorithm>
#include <vector>

#include "strata/7_application/ftp/message/path.hpp"
#include "strata/7_application/ftp/server/transfer.hpp"

namespace strata::application::ftp {
namespace {

namespace asio = session::asio;
using asio::awaitable;
using session::error_code;

// Between two writes: about a millisecond's.
constexpr std::size_t entries_at_a_time = 256;

using Form = ListingWanted::Form;

// A name that has one ends its line: nobody's listing would be what the folder is.
bool ends_a_line(std::string_view name) { return name.find_first_of("\r\n") != std::string_view::npos; }

class Listing final : public Transfer {
public:
    Listing(Shared& shared, std::string request, const FileRoot& root, std::shared_ptr<const OpenFile> folder,
            ListingWanted wanted)
        : Transfer(shared, std::move(request)), root_(root), folder_(std::move(folder)), wanted_(std::move(wanted)) {}

private:
    awaitable<Outcome> carry(session::Stream& stream, Watchdog& watchdog) override {
        const Names names = co_await read();
        if (!names) co_return Outcome{451, "The folder cannot be read.", Ending::file_short};
        const auto calendar = shared_.network.calendar();
        now_ = std::chrono::time_point_cast<FileTime::duration>(calendar);
        std::string text;
        if (wanted_.form == Form::facts) append_itself(text);
        error_code error;
        for (std::size_t at = 0; !error && (at < names->size() || !text.empty());) {
            const std::size_t end = std::min(names->size(), at + entries_at_a_time);
            for (; at < end; ++at) append(text, *names, at);
            error = co_await send(stream, watchdog, bytes_of(text));
            text.clear();
        }
        if (error) co_return lost(watchdog, false);
        co_return co_await send_end(stream, watchdog);
    }

    // Names are memory: only so many are read at a time, and those of
    // everybody's folder are shared.
    awaitable<Names> read() {
        const bool shared = &root_ == &shared_.files.root();
        Names names = shared ? shared_.names.find(wanted_.folder, *folder_) : nullptr;
        if (names) co_return names;
        const Turns::Turn turn = co_await shared_.listings.wait();
        if (shared) names = shared_.names.find(wanted_.folder, *folder_);
        if (names) co_return names;
        names = co_await read_names(shared_.network, root_, *folder_, wanted_.folder);
        if (shared && names) shared_.names.keep(wanted_.folder, *folder_, names);
        co_return names;
    }

    void append_itself(std::string& text) const {
        append_facts(text, folder_->facts(), "cdir", root_.rights(), wanted_.facts);
        text.append(".\r\n");
    }

    void append(std::string& text, const FolderNames& names, std::size_t index) const {
        const auto entry = names.look_at(index);
        if (!entry) return;
        if (!wanted_.pattern.empty() && !matches(wanted_.pattern, entry->name)) return;
        if (ends_a_line(entry->name) && wanted_.form != Form::list) return;
        const std::string name = outward(entry->name);
        switch (wanted_.form) {
            case Form::list: append_list_line(text, entry->facts, on_one_line(name), root_.rights(), now_); break;
            case Form::names: text.append(wanted_.prefix).append(name); break;
            case Form::facts:
                append_facts(text, entry->facts, entry->facts.folder ? "dir" : "file", root_.rights(), wanted_.facts);
                text.append(name);
                break;
        }
        text.append("\r\n");
    }

    [[nodiscard]] std::string outward(const std::string& name) const {
        if (wanted_.utf8) return name;
        return shared_.charset.encode(name, presentation::OnInvalid::replace).value_or("?");
    }

    static std::string on_one_line(std::string name) {
        std::ranges::replace_if(name, [](char letter) { return letter == '\r' || letter == '\n'; }, '?');
        return name;
    }

    const FileRoot& root_;
    std::shared_ptr<const OpenFile> folder_;
    ListingWanted wanted_;
    FileTime now_{};
};

}  // namespace

std::shared_ptr<Transfer> make_listing(Shared& shared, std::string request, const FileRoot& root,
                                       std::shared_ptr<const OpenFile> folder, ListingWanted wanted) {
    return std::make_shared<Listing>(shared, std::move(request), root, std::move(folder), std::move(wanted));
}

}  // namespace strata::application::ftp
