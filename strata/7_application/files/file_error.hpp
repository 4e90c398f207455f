// What a system call on a served folder's files says when it fails, as the services tell it.
#pragma once

#include <cerrno>
#include <expected>
#include <system_error>

namespace strata::application {

[[nodiscard]] inline std::error_code file_error(std::errc error) { return std::make_error_code(error); }

// EXDEV: a step led outside. ELOOP: too many links, or a magic one. ENXIO: a socket, or a FIFO.
// ENOTDIR: "file/more". EDQUOT: for this user the disk is full.
[[nodiscard]] inline std::error_code as_file_error(std::error_code error) {
    switch (error.value()) {
        case EXDEV:
        case ELOOP:
        case ENXIO: return file_error(std::errc::permission_denied);
        case ENOTDIR: return file_error(std::errc::no_such_file_or_directory);
        case EDQUOT: return file_error(std::errc::no_space_on_device);
        default: return error;
    }
}
[[nodiscard]] inline std::error_code last_file_error() { return as_file_error({errno, std::generic_category()}); }

[[nodiscard]] inline std::unexpected<std::error_code> fail_with(std::errc error) {
    return std::unexpected(file_error(error));
}
[[nodiscard]] inline std::unexpected<std::error_code> fail_with_errno() { return std::unexpected(last_file_error()); }

}  // namespace strata::application
