#include "strata/7_application/tftp/content/folder_files.hpp"

#include <algorithm>
#include <vector>

#include "strata/7_application/files/writing/upload.hpp"

namespace strata::application::tftp {
namespace {

class FileReading final : public Reading {
public:
    explicit FileReading(std::shared_ptr<const OpenFile> file) : file_(std::move(file)) {}
    std::uint64_t size() const noexcept override { return file_->facts().size; }
    std::expected<std::size_t, std::error_code> read(std::uint64_t offset, MutableBytes buffer) const override {
        return file_->read(offset, buffer);
    }

private:
    std::shared_ptr<const OpenFile> file_;
};

class MemoryReading final : public Reading {
public:
    explicit MemoryReading(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
    std::uint64_t size() const noexcept override { return bytes_.size(); }
    std::expected<std::size_t, std::error_code> read(std::uint64_t offset, MutableBytes buffer) const override {
        const Bytes rest = Bytes(bytes_).subspan(std::min<std::size_t>(offset, bytes_.size()));
        const std::size_t count = std::min(rest.size(), buffer.size());
        std::ranges::copy(rest.first(count), buffer.begin());
        return count;
    }

private:
    std::vector<std::byte> bytes_;
};

class UploadWriting final : public Writing {
public:
    explicit UploadWriting(Upload upload) : upload_(std::move(upload)) {}
    std::error_code write(Bytes bytes) override {
        const auto written = upload_.write(bytes);
        return written ? std::error_code{} : written.error();
    }
    std::error_code commit() override {
        const auto committed = upload_.commit();
        return committed ? std::error_code{} : committed.error();
    }

private:
    Upload upload_;
};

}  // namespace

std::error_code FolderFiles::may_create(std::string_view name) {
    const FileRoot& root = open_files_.root();
    if (const std::error_code error = root.check_right(FileRights::add)) return error;
    const auto there = root.look(name);
    if (!there) {
        if (there.error() != std::errc::no_such_file_or_directory) return there.error();
        const auto place = root.place_of(name);
        return place ? std::error_code{} : place.error();
    }
    if (there->folder) return std::make_error_code(std::errc::is_a_directory);
    return root.rights() == FileRights::all ? std::error_code{} : std::make_error_code(std::errc::file_exists);
}

std::expected<std::unique_ptr<Writing>, std::error_code> FolderFiles::create(std::string_view name,
                                                                             std::optional<std::uint64_t> size) {
    const FileRoot& root = open_files_.root();
    UploadOptions options;
    options.replace = root.rights() == FileRights::all;
    options.size_expected = size;
    auto upload = Upload::begin(root, name, options);
    if (!upload) return std::unexpected(upload.error());
    return std::make_unique<UploadWriting>(std::move(*upload));
}

std::expected<std::shared_ptr<const Reading>, std::error_code> FolderFiles::open(std::string_view name, Instant now) {
    auto file = open_files_.open(name, now);
    if (!file) return std::unexpected(file.error());
    if ((*file)->facts().folder) return std::unexpected(std::make_error_code(std::errc::is_a_directory));
    if (const auto found = by_name_.find(name); found != by_name_.end()) {
        const Place place = found->second;
        if (place->facts == (*file)->facts() && place->changed == (*file)->changed()) {
            by_use_.splice(by_use_.begin(), by_use_, place);
            return place->bytes;
        }
        forget(place);
    }
    const std::uint64_t size = (*file)->facts().size;
    if (size > options_.cached_file_max) return std::make_shared<const FileReading>(std::move(*file));
    std::vector<std::byte> bytes(static_cast<std::size_t>(size));
    const auto count = (*file)->read(0, bytes);
    if (!count) return std::unexpected(count.error());
    // It became shorter since it was opened: whoever reads it finds out.
    if (*count < size) return std::make_shared<const FileReading>(std::move(*file));
    auto reading = std::make_shared<const MemoryReading>(std::move(bytes));
    keep(name, **file, reading);
    return reading;
}

void FolderFiles::keep(std::string_view name, const OpenFile& file, const std::shared_ptr<const Reading>& bytes) {
    if (bytes->size() > options_.cached_all_max) return;
    // An entry costs something even if its file is empty.
    constexpr std::size_t entries_max = 4096;
    while (!by_use_.empty() && (cached_ + bytes->size() > options_.cached_all_max || by_use_.size() >= entries_max)) {
        forget(std::prev(by_use_.end()));
    }
    by_use_.push_front({std::string(name), file.facts(), file.changed(), bytes});
    by_name_.emplace(by_use_.front().name, by_use_.begin());
    cached_ += bytes->size();
}

void FolderFiles::forget(Place place) {
    cached_ -= place->bytes->size();
    by_name_.erase(place->name);
    by_use_.erase(place);
}

}  // namespace strata::application::tftp
