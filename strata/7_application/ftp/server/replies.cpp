#include "strata/7_application/ftp/server/replies.hpp"

namespace strata::application::ftp {

Refusal refusal_of_reading(const std::error_code& error) {
    if (error == std::errc::too_many_files_open || error == std::errc::too_many_files_open_in_system)
        return {450, "Too many files are open: try again soon."};
    // What is hidden, leads out or may not be read is not told from what is not there.
    return {550, "There is nothing of that name that can be had."};
}

Refusal refusal_of_writing(const std::error_code& error) {
    if (error == std::errc::operation_not_permitted) return {550, "That is not allowed here."};
    if (error == std::errc::file_exists)
        return {553, "There is something of that name; here files may be added, not replaced or removed."};
    if (error == std::errc::is_a_directory) return {553, "A folder has that name."};
    if (error == std::errc::directory_not_empty) return {550, "The folder is not empty."};
    if (error == std::errc::no_space_on_device) return {452, "There is no room for it."};
    if (error == std::errc::file_too_large) return {552, "It is too large."};
    if (error == std::errc::device_or_resource_busy) return {450, "The file changed meanwhile: try again."};
    if (error == std::errc::invalid_argument || error == std::errc::filename_too_long)
        return {553, "That name cannot be."};
    if (error == std::errc::too_many_files_open || error == std::errc::too_many_files_open_in_system)
        return {450, "Too many files are open: try again soon."};
    if (error == std::errc::no_such_file_or_directory) return {550, "There is nothing of that name."};
    if (error == std::errc::io_error) return {451, "The disk does not take it."};
    return {550, "That cannot be done here."};
}

}  // namespace strata::application::ftp
