// What both versions do with files, folders and names, once it is known
// which are meant. Each looks whether it may, and says with a status
// why not; what must be on the disk is left in the call's `settling`.
#pragma once

#include "strata/7_application/nfs/work/work.hpp"

namespace strata::application::nfs::acts {

// looking.cpp
// RFC 1813 3.3.4, RFC 7530 16.1: by what the folder's rights and the
// disk allow whoever serves it: everybody is he.
enum Right : std::uint32_t { read = 1, lookup = 2, modify = 4, extend = 8, delete_entry = 16, execute = 32 };
[[nodiscard]] std::uint32_t granted_for(const Work& work, const Node& node);
// A link's text. INVAL: it is none.
[[nodiscard]] std::expected<std::string, Status> text_of_link(const Node& node);
// The disk that it is on.
struct Disk {
    std::uint64_t bytes = 0, bytes_free = 0, bytes_available = 0;
    std::uint64_t files = 0, files_free = 0, files_available = 0;
};
[[nodiscard]] std::expected<Disk, Status> disk_of(const Work& work, const Node& node);
// How many names a file may have.
[[nodiscard]] std::uint32_t links_max_of(const Node& node);

// data.cpp
// What a file has from `offset` on, at most so much of it.
struct Part {
    std::shared_ptr<const std::byte[]> memory;
    std::size_t size = 0;
    bool end_of_file = false;
    [[nodiscard]] Bytes bytes() const noexcept { return {memory.get(), size}; }
};
// ISDIR, INVAL: what it is instead of a file.
[[nodiscard]] Status kind_of_data(const Node& node) noexcept;
[[nodiscard]] std::expected<Part, Status> read_part(const Node& node, const Descriptor& file, std::uint64_t offset,
                                                    std::uint64_t size_max);
// How much was written: less where the disk is full in the midst of it.
[[nodiscard]] std::expected<std::size_t, Status> write_part(const Work& work, const Node& node, const Descriptor& file,
                                                            std::uint64_t offset, Bytes bytes);

// making.cpp
enum class Creation : std::uint8_t { unchecked, guarded, exclusive };
using CreationVerifier = std::array<std::byte, 8>;
struct Made {
    Node node;
    bool is_new = false;
};
[[nodiscard]] std::expected<Made, Status> make_file(Work& work, const Node& folder, const std::string& name,
                                                    Creation how, const Changes& changes,
                                                    const CreationVerifier& verifier);
[[nodiscard]] std::expected<Node, Status> make_folder(Work& work, const Node& folder, const std::string& name,
                                                      Changes changes);
// The text is kept as it is: it is the client's, and nothing here follows it.
[[nodiscard]] std::expected<Node, Status> make_link(Work& work, const Node& folder, const std::string& name,
                                                    const std::string& text);
// Another name for what is there.
[[nodiscard]] Status make_name(Work& work, const Node& node, const Node& folder, const std::string& name);

// changing.cpp
[[nodiscard]] Status remove_file(Work& work, const Node& folder, const std::string& name);
[[nodiscard]] Status remove_folder(Work& work, const Node& folder, const std::string& name);
[[nodiscard]] Status rename_entry(Work& work, const Node& source, const std::string& from, const Node& target,
                                  const std::string& to);

}  // namespace strata::application::nfs::acts
