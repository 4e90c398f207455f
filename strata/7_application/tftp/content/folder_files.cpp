#include "strata/7_application/tftp/content/folder_files.hpp"

#include <algorithm>
#include <vector>

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

}  // namespace

std::expected<std::shared_ptr<const Reading>, std::error_code> FolderFiles::open(std::string_view name, Instant now) {
    auto file = open_files_.open(name, now);
    if (!file) return std::unexpected(file.error());
    if ((*file)->facts().folder) return std::unexpected(std::make_error_code(std::errc::is_a_directory));
    if (const auto found = by_name_.find(name); found != by_name_.end()) {
        const Place place = found->second;
        if (place->of == *file) {
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
    keep(name, *file, reading);
    return reading;
}

void FolderFiles::keep(std::string_view name, const std::shared_ptr<const OpenFile>& file,
                       const std::shared_ptr<const Reading>& bytes) {
    if (bytes->size() > options_.cached_all_max) return;
    // An entry costs something even if its file is empty.
    constexpr std::size_t entries_max = 4096;
    while (!by_use_.empty() &&
           (cached_ + bytes->size() > options_.cached_all_max || by_use_.size() >= entries_max)) {
        forget(std::prev(by_use_.end()));
    }
    by_use_.push_front({std::string(name), file, bytes});
    by_name_.emplace(by_use_.front().name, by_use_.begin());
    cached_ += bytes->size();
}

void FolderFiles::forget(Place place) {
    cached_ -= place->bytes->size();
    by_name_.erase(place->name);
    by_use_.erase(place);
}

}  // namespace strata::application::tftp
