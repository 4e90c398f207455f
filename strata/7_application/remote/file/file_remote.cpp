#include "strata/7_application/remote/file/file_remote.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <filesystem>

#include "strata/7_application/transfer/pace.hpp"

namespace strata::application {

namespace asio = session::asio;
using asio::awaitable;

namespace {

constexpr unsigned no_replace = 1;  // RENAME_NOREPLACE of renameat2(2)

[[noreturn]] void fail_with(const std::string& what, int error) {
    const std::string advice = error == ENOENT ? "check its name" : "check its name, and who may do that";
    throw TransferError(what + ": " + std::generic_category().message(error) + "; " + advice);
}

std::chrono::sys_seconds date_of(const struct stat& facts) {
    return std::chrono::sys_seconds{std::chrono::seconds{facts.st_mtim.tv_sec}};
}

RemoteEntry entry_of(std::string name, const struct stat& facts) {
    RemoteEntry entry{.name = std::move(name)};
    entry.kind = S_ISREG(facts.st_mode)   ? RemoteEntry::Kind::file
                 : S_ISDIR(facts.st_mode) ? RemoteEntry::Kind::folder
                                          : RemoteEntry::Kind::other;
    if (entry.kind == RemoteEntry::Kind::file) entry.size = static_cast<std::uint64_t>(facts.st_size);
    entry.date = date_of(facts);
    return entry;
}

// As long as it says the same, nobody has written it.
std::string version_of(const struct stat& facts) {
    return fmt::format("\"{:x}-{:x}-{:x}-{:x}.{:x}\"", facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtim.tv_sec,
                       facts.st_mtim.tv_nsec);
}

}  // namespace

std::string FileRemote::path_of(const std::string& target, std::string_view verb) const {
    auto path = http::percent_decode(target);
    if (!path || path->contains('\0'))
        throw TransferError(
            fmt::format("cannot {} {}: it is no path; write a '%' as %25", verb, url_of(target).to_string()));
    return std::move(*path);
}

awaitable<RemoteEntry> FileRemote::stat(std::string target) {
    const std::string path = path_of(target, "look at");
    struct stat facts{};
    if (::stat(path.c_str(), &facts) != 0) fail_with("cannot look at " + path, errno);
    std::string name = std::filesystem::path(path.ends_with('/') ? path.substr(0, path.size() - 1) : path).filename();
    co_return entry_of(std::move(name), facts);
}

awaitable<std::vector<RemoteEntry>> FileRemote::list(std::string target) {
    const std::string path = path_of(target, "list");
    std::error_code error;
    std::vector<RemoteEntry> entries;
    std::filesystem::directory_iterator all(path, error), end;
    for (; !error && all != end; all.increment(error)) {
        if (entries.size() == options_.entries_max)
            throw TransferError(fmt::format("cannot list {}: it has more than {} entries; list folders within it", path,
                                            options_.entries_max));
        struct stat facts{};
        // A link that leads nowhere is itself; what has gone meanwhile is not there.
        if (::stat(all->path().c_str(), &facts) != 0 && ::lstat(all->path().c_str(), &facts) != 0) continue;
        entries.push_back(entry_of(all->path().filename(), facts));
    }
    if (error) fail_with("cannot list " + path, error.value());
    co_return entries;
}

awaitable<void> FileRemote::read(std::string target, OutputFile& out, Progress on_progress) {
    const std::string path = path_of(target, "fetch");
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat facts{};
    if (!file || ::fstat(file.get(), &facts) != 0) fail_with("cannot fetch " + path, errno);
    if (!S_ISREG(facts.st_mode)) throw TransferError("cannot fetch " + path + ": it is no file; name one");
    const auto total = static_cast<std::uint64_t>(facts.st_size);
    FileVersion version{.etag = version_of(facts), .last_modified = {}, .total = total};
    const bool goes_on = out.version().etag == version.etag && out.size() <= total;
    if (!goes_on) {
        if (out.size() != 0) out.restart();
        out.note_version(version);
    }
    out.note_date(date_of(facts));
    Pace pace(network_, options_.client.rate_limit);
    for (std::uint64_t place = out.size();; place = out.size()) {
        if (on_progress) on_progress(place, total);
        const MutableBytes lent = out.lend();
        const MutableBytes buffer = lent.first(pace.at_once(lent.size()));
        const ssize_t count = ::pread(file.get(), buffer.data(), buffer.size(), static_cast<off_t>(place));
        if (count < 0) fail_with("cannot read " + path, errno);
        if (count == 0) break;
        out.write(buffer.first(static_cast<std::size_t>(count)));
        co_await pace.after(static_cast<std::size_t>(count));
        // Others have their turn, Ctrl-C among them.
        co_await asio::post(network_.get_executor(), asio::use_awaitable);
    }
    if (::fstat(file.get(), &facts) != 0 || version_of(facts) != version.etag)
        throw PassingError("cannot fetch " + path + ": it was written while it was read; " + out.advice());
}

awaitable<void> FileRemote::write(std::string target, InputFile& in, WriteOptions options, Progress on_progress) {
    const std::string path = path_of(target, "put");
    in.restart();
    OutputFile out(path, {.resume = false, .force = options.replace, .dated = true});
    Pace pace(network_, options_.client.rate_limit);
    out.note_version({});  // nothing of an earlier part is kept
    try {
        for (;;) {
            if (on_progress) on_progress(out.size(), in.size());
            const MutableBytes lent = out.lend();
            const MutableBytes buffer = lent.first(pace.at_once(lent.size()));
            const std::size_t count = co_await in.read(network_, buffer);
            if (count == 0) break;
            out.write(buffer.first(count));
            co_await pace.after(count);
            co_await asio::post(network_.get_executor(), asio::use_awaitable);
        }
    } catch (...) {
        (void)out.discard();
        throw;
    }
    out.commit();
}

awaitable<bool> FileRemote::make_folder(std::string target) {
    const std::string path = path_of(target, "make the folder");
    if (::mkdir(path.c_str(), 0777) == 0) co_return true;
    const int error = errno;
    struct stat facts{};
    if (error != EEXIST || ::stat(path.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode))
        fail_with("cannot make the folder " + path, error);
    co_return false;
}

awaitable<void> FileRemote::rename(std::string from, std::string to) {
    const std::string old_path = path_of(from, "rename"), new_path = path_of(to, "rename");
    if (::syscall(SYS_renameat2, AT_FDCWD, old_path.c_str(), AT_FDCWD, new_path.c_str(), no_replace) != 0)
        fail_with("cannot rename " + old_path + " to " + new_path, errno);
    co_return;
}

awaitable<void> FileRemote::remove(std::string target) {
    const std::string path = path_of(target, "remove");
    if (std::remove(path.c_str()) != 0) fail_with("cannot remove " + path, errno);
    co_return;
}

awaitable<void> FileRemote::set_date(std::string target, std::chrono::sys_seconds date) {
    const std::string path = path_of(target, "set the date of");
    const timespec changed{static_cast<time_t>(date.time_since_epoch().count()), 0};
    const std::array<timespec, 2> times{timespec{0, UTIME_OMIT}, changed};
    if (::utimensat(AT_FDCWD, path.c_str(), times.data(), 0) != 0) fail_with("cannot set the date of " + path, errno);
    co_return;
}

}  // namespace strata::application
