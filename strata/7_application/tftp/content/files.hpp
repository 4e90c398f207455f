// Files: what a server reads from and, if it may, writes to: a name in, a Reading or a Writing out.
//
// FolderFiles is the one of `serve`; tests have others.
#pragma once

#include "strata/0_foundation/time.hpp"
#include "strata/7_application/tftp/content/content.hpp"

namespace strata::application::tftp {

class Files {
public:
    virtual ~Files() = default;
    // `name` is relative, its parts separated by '/'. Errors: as FileRoot::open_file, and
    // is_a_directory.
    [[nodiscard]] virtual std::expected<std::shared_ptr<const Reading>, std::error_code> open(std::string_view name,
                                                                                              Instant now) = 0;
    // Whether create() would do it, as far as that can be told, without a trace. Errors: read_only_file_system
    // (nothing may be written), file_exists (it may not be replaced), no_space_on_device (there is
    // no room for so much), and those of open().
    [[nodiscard]] virtual std::error_code may_create(std::string_view name, std::optional<std::uint64_t> size) {
        (void)name, (void)size;
        return std::make_error_code(std::errc::read_only_file_system);
    }
    // Nothing is there under this name before it is committed. Errors: as may_create().
    [[nodiscard]] virtual std::expected<std::unique_ptr<Writing>, std::error_code> create(
        std::string_view name, std::optional<std::uint64_t> size) {
        return std::unexpected(may_create(name, size));
    }
};

}  // namespace strata::application::tftp
