#include "strata/7_application/tftp/content/content.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <vector>

#include "strata/0_foundation/ascii.hpp"
#include "strata/6_presentation/netascii/netascii.hpp"
#include "strata/7_application/tftp/message/options.hpp"

namespace strata::application::tftp {
namespace {

std::unexpected<std::error_code> became_shorter() {
    return std::unexpected(std::make_error_code(std::errc::illegal_byte_sequence));
}

class OctetSource final : public Source {
public:
    OctetSource(const Reading& from, std::size_t blksize) : from_(from), blksize_(blksize) {}
    std::expected<std::size_t, std::error_code> read(std::uint64_t block, MutableBytes to) override {
        const std::uint64_t offset = (block - 1) * blksize_;
        const std::uint64_t left = from_.size() - std::min(offset, from_.size());
        const MutableBytes wanted = to.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, blksize_)));
        const auto count = from_.read(offset, wanted);
        if (count && *count < wanted.size()) return became_shorter();
        return count;
    }
    void forget(std::uint64_t) override {}

private:
    const Reading& from_;
    std::size_t blksize_;
};

// Where a block begins in the text cannot be computed: it is noted for those on their way.
class NetasciiSource final : public Source {
public:
    NetasciiSource(const Reading& from, std::size_t blksize) : from_(from), blksize_(blksize) {}
    std::expected<std::size_t, std::error_code> read(std::uint64_t block, MutableBytes to) override;
    void forget(std::uint64_t block) override {
        while (first_ <= block && begins_.size() > 1) {
            begins_.pop_front();
            ++first_;
        }
    }

private:
    struct Place {
        std::uint64_t offset = 0;
        presentation::NetasciiEncoder encoder{};
    };
    const Reading& from_;
    std::size_t blksize_;
    std::uint64_t first_ = 1;               // the block that begins at begins_.front()
    std::deque<Place> begins_ = {Place{}};  // of blocks in order, the next new one's last
};

std::expected<std::size_t, std::error_code> NetasciiSource::read(std::uint64_t block, MutableBytes to) {
    const auto which = static_cast<std::size_t>(block - first_);
    Place at = begins_.at(which);
    std::array<std::byte, 4096> text;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    std::size_t made = 0;
    while (made < blksize_ && (at.offset < from_.size() || at.encoder.has_more())) {
        const std::uint64_t left = from_.size() - at.offset;
        const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, text.size()));
        const auto count = from_.read(at.offset, MutableBytes(text).first(wanted));
        if (!count) return count;
        if (*count < wanted) return became_shorter();
        const auto step = at.encoder.encode(Bytes(text).first(wanted), to.subspan(made, blksize_ - made));
        made += step.written;
        at.offset += step.read;
    }
    if (which + 1 == begins_.size() && made == blksize_) begins_.push_back(at);
    return made;
}

class OctetSink final : public Sink {
public:
    explicit OctetSink(Writing& to) : to_(to) {}
    std::error_code write(Bytes bytes) override { return to_.write(bytes); }
    std::error_code finish() override { return to_.commit(); }

private:
    Writing& to_;
};

class NetasciiSink final : public Sink {
public:
    explicit NetasciiSink(Writing& to) : to_(to) {}
    std::error_code write(Bytes bytes) override {
        decoder_.decode(bytes, text_);
        return pass_on();
    }
    std::error_code finish() override {
        decoder_.finish(text_);
        const std::error_code error = pass_on();
        return error ? error : to_.commit();
    }

private:
    std::error_code pass_on() {
        const std::error_code error = to_.write(text_);
        text_.clear();
        return error;
    }

    Writing& to_;
    presentation::NetasciiDecoder decoder_;
    std::vector<std::byte> text_;
};

}  // namespace

std::optional<Mode> mode_of(std::string_view name) noexcept {
    if (equal_ignoring_case(name, "octet")) return Mode::octet;
    if (equal_ignoring_case(name, "netascii")) return Mode::netascii;
    return std::nullopt;
}

std::string_view name_of(Mode mode) noexcept { return mode == Mode::octet ? "octet" : "netascii"; }

std::unique_ptr<Source> make_source(Mode mode, const Reading& from, std::size_t blksize) {
    if (mode == Mode::netascii) return std::make_unique<NetasciiSource>(from, blksize);
    return std::make_unique<OctetSource>(from, blksize);
}

std::unique_ptr<Sink> make_sink(Mode mode, Writing& to) {
    if (mode == Mode::netascii) return std::make_unique<NetasciiSink>(to);
    return std::make_unique<OctetSink>(to);
}

}  // namespace strata::application::tftp
