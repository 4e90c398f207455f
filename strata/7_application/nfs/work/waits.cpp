#include "strata/7_application/nfs/work/waits.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace strata::application::nfs {
namespace {

using session::asio::awaitable;

class Searching final : public Chore {
public:
    Searching(const Tree& tree, const FileId& id) : tree_(tree), id_(id) {}
    void do_it() override { found = search(tree_.root(), id_, tree_.options().searched_max); }
    FoundPlaces found;

private:
    const Tree& tree_;
    FileId id_;
};

class ReadingNames final : public Chore {
public:
    ReadingNames(const Shared& shared, const Node& folder, std::uint64_t after)
        : shared_(shared), folder_(folder), after_(after) {}
    void do_it() override {
        read = read_listing(shared_.root, folder_, shared_.key, after_, shared_.options.listing.names_max);
    }
    std::expected<Listing, std::error_code> read = std::unexpected(std::make_error_code(std::errc::io_error));

private:
    const Shared& shared_;
    const Node& folder_;
    std::uint64_t after_;
};

class SettlingFiles final : public Chore {
public:
    explicit SettlingFiles(const std::vector<Work::Settling>& what) : what_(what) {}
    void do_it() override {
        for (const Work::Settling& one : what_)
            well = (one.data_alone ? ::fdatasync(one.file.get()) : ::fsync(one.file.get())) == 0 && well;
        done = true;
    }
    bool well = true, done = false;

private:
    const std::vector<Work::Settling>& what_;
};

bool is_gone(const std::expected<Node, std::error_code>& found) {
    return !found && found.error() == std::errc::no_such_file_or_directory;
}

}  // namespace

awaitable<Status> find_node(Shared& shared, const Handle& handle, Node& into) {
    Tree& tree = shared.tree;
    const auto id = shared.key.open(handle);
    if (!id) co_return Status::badhandle;
    auto found = tree.open(*id);
    if (is_gone(found) && tree.is_stray(*id, shared.network.now())) co_return Status::stale;
    if (is_gone(found)) {
        const auto searching = std::make_shared<Searching>(tree, *id);
        co_await shared.do_aside(searching);
        for (auto& [file, place] : searching->found.places) tree.is_at(file, std::move(place));
        found = tree.open(*id);
        if (is_gone(found) && searching->found.in_the_way) co_return status_of(searching->found.in_the_way);
        if (is_gone(found)) tree.was_not_found(*id, shared.network.now());
    }
    if (is_gone(found)) co_return Status::stale;
    // A client gives up a file that is told to be stale: what merely could not be opened is not.
    if (!found) co_return status_of(found.error());
    into = std::move(*found);
    co_return Status::ok;
}

// Of what others have read a caller is told where he may read it himself.
awaitable<void> read_names(const Work& work, const Node& folder, std::uint64_t behind, NamesRead& into) {
    Shared& shared = work.shared;
    if (work.caller) {
        const ActingAs acting(work.caller);
        const bool may = acting.is_he() && ::faccessat(AT_FDCWD, name_of(folder).c_str(), R_OK, AT_EACCESS) == 0;
        if (!may) into.status = Status::acces;
    }
    if (into.status != Status::ok) co_return;
    Listings& listings = shared.listings;
    if (behind > Listing::parent) into.listing = listings.find(folder, behind);
    if (into.listing) co_return;
    const auto reading = std::make_shared<ReadingNames>(shared, folder, behind);
    co_await shared.do_aside(reading);
    if (!reading->read) {
        into.status = status_of(reading->read.error());
        co_return;
    }
    into.listing = std::make_shared<const Listing>(std::move(*reading->read));
    listings.keep(into.listing);
}

awaitable<bool> settle_all(Work& work) {
    const auto settling = std::make_shared<SettlingFiles>(work.settling);
    co_await work.shared.do_aside(settling);
    work.settling.clear();
    co_return settling->done && settling->well;
}

}  // namespace strata::application::nfs
