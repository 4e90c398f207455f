// Keeping: what comes from a server, into an OutputFile, and no longer or shorter than was said.
#pragma once

#include <exception>

#include "strata/7_application/files/output/output_file.hpp"
#include "strata/7_application/tftp/content/content.hpp"

namespace strata::application::tftp {

class Keeping final : public Writing {
public:
    // The file outlives it.
    explicit Keeping(OutputFile& out) : out_(out), have_(out.size()) {}

    // The server says that it has so many bytes.
    void expect(std::uint64_t size) noexcept { expected_ = size; }
    [[nodiscard]] std::optional<std::uint64_t> expected() const noexcept { return expected_; }

    // Errors: message_size (more, or at the end fewer, than were expected), io_error: what the
    // OutputFile threw is then in failure().
    [[nodiscard]] std::error_code write(Bytes bytes) override;
    [[nodiscard]] std::error_code commit() override;
    [[nodiscard]] std::exception_ptr failure() const noexcept { return failure_; }

private:
    [[nodiscard]] std::error_code pass_on();
    void add(Bytes bytes);

    OutputFile& out_;
    std::uint64_t have_;          // of an earlier part, that what comes is compared with
    std::uint64_t received_ = 0;  // that are written, or were there
    std::uint64_t taken_ = 0;     // with those that wait in the buffer
    MutableBytes buffer_;
    std::size_t filled_ = 0;
    std::optional<std::uint64_t> expected_;
    std::exception_ptr failure_;
};

}  // namespace strata::application::tftp
