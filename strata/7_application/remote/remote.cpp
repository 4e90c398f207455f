#include "strata/7_application/remote/remote.hpp"

namespace strata::application {

using session::asio::awaitable;

namespace {
constexpr std::size_t name_size_max = 255;  // NAME_MAX of every file system we know
}

Url Remote::url_of(std::string target) const {
    Url url = server_;
    url.target = std::move(target);
    return url;
}

void Remote::refuse(std::string_view verb, std::string target) const {
    throw NotSupported("cannot " + std::string(verb) + " " + url_of(std::move(target)).to_string() + ": " +
                       server_.scheme + " has no word for that; use another protocol");
}

awaitable<RemoteEntry> Remote::stat(std::string target) {
    refuse("look at", std::move(target));
    co_return RemoteEntry{};
}
awaitable<std::vector<RemoteEntry>> Remote::list(std::string target) {
    refuse("list", std::move(target));
    co_return std::vector<RemoteEntry>{};
}
awaitable<void> Remote::read(std::string target, OutputFile&, Progress) {
    refuse("fetch", std::move(target));
    co_return;
}
awaitable<FileVersion> Remote::version(std::string target) {
    refuse("look at", std::move(target));
    co_return FileVersion{};
}
awaitable<void> Remote::read_piece(std::string target, FileVersion, Piece, Take) {
    refuse("fetch a piece of", std::move(target));
    co_return;
}
awaitable<void> Remote::write(std::string target, InputFile&, WriteOptions, Progress) {
    refuse("put", std::move(target));
    co_return;
}
awaitable<bool> Remote::make_folder(std::string target) {
    refuse("make the folder", std::move(target));
    co_return false;
}
awaitable<void> Remote::rename(std::string from, std::string) {
    refuse("rename", std::move(from));
    co_return;
}
awaitable<void> Remote::remove(std::string target) {
    refuse("remove", std::move(target));
    co_return;
}
awaitable<void> Remote::set_date(std::string target, std::chrono::sys_seconds) {
    refuse("set the date of", std::move(target));
    co_return;
}
awaitable<void> Remote::leave() { co_return; }

bool is_entry_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= name_size_max && name != "." && name != ".." && !name.contains('/') &&
           !name.contains('\0');
}

std::string target_within(std::string_view folder, std::string_view name) {
    std::string target(folder);
    if (!target.ends_with('/')) target += '/';
    return target + http::percent_encode(name);
}

}  // namespace strata::application
