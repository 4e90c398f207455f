// A server's file comes to us: the whole of it, or a piece.
#include "strata/7_application/nfs/client/files/reading.hpp"

#include "strata/7_application/nfs/client/files/version.hpp"
#include "strata/7_application/nfs/client/remote/telling.hpp"
#include "strata/7_application/transfer/pace.hpp"

namespace strata::application::nfs {

using session::asio::awaitable;
using namespace client;

namespace {

constexpr std::uint32_t any_size = 0xffff'ffff;

awaitable<Found> find_file(Volume& volume, std::string_view target, const Path& path) {
    if (target.ends_with('/')) throw Failure("it names no file", "write nfs://HOST[:PORT]/EXPORT/PATH");
    const Found found = co_await walk(volume, path, Links::follow);
    check_is_file(found);
    co_return found;
}

}  // namespace

awaitable<void> NfsRemote::read(std::string target, OutputFile& out, Progress on_progress) {
    bool is_first = true;
    const std::function<awaitable<void>()> task = [&] {
        // What is compared is compared from its first byte on.
        if (!std::exchange(is_first, false) && out.is_finished()) out.restart();
        return fetch(target, out, on_progress);
    };
    co_await tell(task, "fetch", target, &out);
}

awaitable<void> NfsRemote::fetch(std::string target, OutputFile& out, const Progress& on_progress) {
    const Path path = path_of(target);
    Volume* const volume = co_await volume_for(path);
    const Found file = co_await find_file(*volume, target, path);
    const FileVersion version = version_of(file.attributes);
    const bool continues =
        out.size() != 0 && !out.is_finished() && out.version() == version && out.size() <= *version.total;
    if (!continues && out.size() != 0 && !out.is_finished()) {
        if (options_.client.on_notice)
            options_.client.on_notice(
                "the server does not say that it has what is there a part of: it is fetched anew");
        out.restart();
    }
    out.note_version(version);
    out.note_date(date_of(file.attributes));
    std::uint64_t done = out.is_finished() ? 0 : out.size();
    const std::uint64_t from = done;
    if (on_progress) on_progress(done, version.total);
    Pace pace(network_, options_.client.rate_limit);
    const client::Take take = [&](Bytes bytes) {
        out.write(bytes);
        done += bytes.size();
        if (on_progress) on_progress(done, version.total);
        return pace.after(bytes.size());
    };
    const auto at_once = static_cast<std::uint32_t>(pace.at_once(any_size));
    co_await read_bytes(*volume, file, from, file.attributes.size, take, at_once);
    co_await check_unchanged(*volume, file);
}

// ---- a piece of it

awaitable<FileVersion> NfsRemote::version(std::string target) {
    const std::function<awaitable<FileVersion>()> task = [&] { return look_at_version(target); };
    co_return co_await tell(task, "look at", target);
}

awaitable<FileVersion> NfsRemote::look_at_version(std::string target) {
    const Path path = path_of(target);
    Volume* const volume = co_await volume_for(path);
    const Found file = co_await find_file(*volume, target, path);
    co_return version_of(file.attributes);
}

awaitable<void> NfsRemote::read_piece(std::string target, FileVersion of, Piece piece, Take take) {
    const std::function<awaitable<void>()> task = [&] { return fetch_piece(target, of, piece, take); };
    co_await tell(task, "fetch", target);
}

// What was taken is not in the piece any more.
awaitable<void> NfsRemote::fetch_piece(std::string target, const FileVersion& of, Piece& piece, const Take& take) {
    const Path path = path_of(target);
    Volume* const volume = co_await volume_for(path);
    const Found file = co_await find_file(*volume, target, path);
    if (version_of(file.attributes) != of) throw Failure("it has changed meanwhile", "fetch it anew");
    Pace pace(network_, 0);
    const client::Take take_some = [&](Bytes bytes) {
        take(bytes);
        piece.first += bytes.size();
        return pace.after(bytes.size());
    };
    const std::uint64_t end = std::min(piece.end, file.attributes.size);
    co_await read_bytes(*volume, file, piece.first, end, take_some, any_size);
    co_await check_unchanged(*volume, file);
}

}  // namespace strata::application::nfs
