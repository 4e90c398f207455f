// A file of ours goes to a server.
#include <algorithm>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/nfs/client/files/batch.hpp"
#include "strata/7_application/nfs/client/files/beginning.hpp"
#include "strata/7_application/nfs/client/files/making.hpp"
#include "strata/7_application/nfs/client/remote/telling.hpp"
#include "strata/7_application/transfer/pace.hpp"

namespace strata::application::nfs {

using session::asio::awaitable;
using namespace client;

namespace {

constexpr std::string_view part_ending = ".part";
constexpr std::size_t entry_name_max = 255;

Failure is_there(const std::string& name) {
    return {"there is something of the name '" + printable(name) + "' already",
            "replace it with --force, or choose another name"};
}
Failure is_another(const std::string& name) {
    return {"'" + printable(name) + "', which is there, is no beginning of it",
            "replace it with --force, or choose another name"};
}

// Where the bytes go first.
struct Upload {
    PlaceOfName place;
    std::optional<Found> file;
    std::unique_ptr<OpenFile> open;
    std::uint64_t from = 0;
    bool aside = false;  // under another name than it shall have
};

class Choosing {
public:
    Choosing(Volume& volume, const Found& folder, const std::string& name, InputFile& in, WriteOptions options,
             std::optional<std::uint64_t> ours)
        : volume_(volume), folder_(folder), name_(name), in_(in), options_(options), ours_(ours) {}

    awaitable<Upload> choose(std::uint32_t mode) {
        const std::optional<Found> there = co_await look_up(volume_, folder_.handle, name_);
        if (there && !there->is_file() && !there->is_link()) throw is_there(name_);
        upload_.place.folder = folder_.handle;
        upload_.place.name = name_;
        const bool may_rename = co_await volume_.may_rename_in(folder_.handle);
        upload_.aside = may_rename && name_.size() + part_ending.size() <= entry_name_max;
        if (upload_.aside) co_await look_for_part(there);
        if (!upload_.aside && there) co_await go_on_with(*there);
        if (upload_.file) {
            upload_.open = co_await volume_.open(*upload_.file, Access::write);
            co_return std::move(upload_);
        }
        if (there && there->is_file() && upload_.aside) mode = there->attributes.mode & 0777u;
        std::optional<Made> made = co_await volume_.make_file(upload_.place, mode);
        if (!made) throw is_there(upload_.place.name);
        upload_.file = std::move(made->found);
        upload_.open = std::move(made->file);
        co_return std::move(upload_);
    }

private:
    [[nodiscard]] bool is_ours(const Found& file) const noexcept { return file.attributes.fileid == ours_; }
    [[nodiscard]] bool may_go_on(const Found& file) const {
        return in_.is_file() && (options_.resume || is_ours(file));
    }

    awaitable<void> look_for_part(const std::optional<Found>& there) {
        upload_.place.name = name_ + std::string(part_ending);
        const std::optional<Found> part = co_await look_up(volume_, folder_.handle, upload_.place.name);
        if (!part && there && may_go_on(*there)) {
            // It was put in place at once, as other programs do.
            upload_.aside = false;
            upload_.place.name = name_;
            co_return;
        }
        if (there && !options_.replace) throw is_there(name_);
        if (!part) co_return;
        if (may_go_on(*part)) {
            co_await go_on_with(*part);
        } else if (options_.replace || is_ours(*part)) {
            // Whoever else writes it does not write into ours.
            co_await remove_file(volume_, upload_.place);
        } else {
            throw Failure("'" + printable(upload_.place.name) + "' is there, which an earlier attempt left",
                          "go on with it with --resume, or replace it with --force");
        }
    }

    awaitable<void> go_on_with(const Found& file) {
        if (!may_go_on(file)) throw is_there(upload_.place.name);
        const std::optional<std::uint64_t> sent = co_await sent_already(volume_, file, in_);
        if (!sent) throw is_another(upload_.place.name);
        upload_.file = file;
        upload_.from = *sent;
    }

    Volume& volume_;
    const Found& folder_;
    const std::string& name_;
    InputFile& in_;
    WriteOptions options_;
    std::optional<std::uint64_t> ours_;
    Upload upload_;
};

// As many bytes as the buffer has, or all that are left.
awaitable<std::size_t> fill(session::Network& network, InputFile& in, MutableBytes buffer) {
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        const std::size_t count = co_await in.read(network, buffer.subspan(filled));
        if (count == 0) break;
        filled += count;
    }
    co_return filled;
}

}  // namespace

awaitable<void> NfsRemote::write(std::string target, InputFile& in, WriteOptions options, Progress on_progress) {
    const std::function<awaitable<void>()> task = [&] { return store_or_advise(target, in, options, on_progress); };
    co_await tell(task, "put", target);
}

awaitable<void> NfsRemote::store_or_advise(std::string target, InputFile& in, WriteOptions options,
                                           const Progress& on_progress) {
    try {
        co_await store(std::move(target), in, options, on_progress);
    } catch (Failure& failure) {
        if (failure.passing && our_part_ && in.is_file()) failure.remedy = "go on with it with --resume";
        throw;
    }
}

awaitable<void> NfsRemote::store(std::string target, InputFile& in, WriteOptions options, const Progress& on_progress) {
    const Path path = path_of(target);
    if (target.ends_with('/') || path.empty()) throw Failure("it names no file", "write nfs://HOST[:PORT]/EXPORT/PATH");
    Volume* const volume = co_await volume_for(path);
    const Found folder = co_await walk_to_parent(*volume, path);
    const std::string& name = path.back();
    Choosing choosing(*volume, folder, name, in, options, our_part_);
    const Upload upload = co_await choosing.choose(options_.nfs.mode);
    our_part_ = upload.file->attributes.fileid;
    std::uint64_t done = upload.from;
    in.begin_at(done);
    if (on_progress) on_progress(done, in.size());
    Pace pace(network_, options_.client.rate_limit);
    const std::uint64_t at_most = in.size() ? *in.size() - done : options_.nfs.commit_bytes;
    std::vector<std::byte> buffer(
        pace.at_once(static_cast<std::size_t>(std::clamp<std::uint64_t>(at_most, 1, options_.nfs.commit_bytes))));
    std::uint64_t told = done;
    const std::function<void(std::uint64_t)> on_written = [&](std::uint64_t written) {
        told = std::max(told, done + written);
        if (on_progress) on_progress(told, in.size());
    };
    std::exception_ptr failed;
    try {
        for (;;) {
            const std::size_t count = co_await fill(network_, in, buffer);
            if (count == 0) break;
            const Bytes batch = Bytes(buffer).first(count);
            co_await write_batch(*volume, *upload.open, done, batch, on_written);
            done += count;
            co_await pace.after(count);
        }
    } catch (...) {
        failed = std::current_exception();
    }
    co_await upload.open->close();
    if (failed) std::rethrow_exception(failed);
    Found whole = *upload.file;
    whole.attributes = co_await volume->attributes_of(whole.handle);
    if (whole.attributes.size != done)
        throw Failure("the server has " + std::to_string(whole.attributes.size) + " bytes of it, and " +
                          std::to_string(done) + " were sent: somebody else writes it, or has cut it off",
                      "try again, when nobody does");
    if (upload.aside) co_await put_in_place(*volume, upload.place, whole, name, options.replace);
    our_part_.reset();
}

}  // namespace strata::application::nfs
