// Arguments and results of the procedures about folders' lists and the file system (RFC 1813 3.3.16
// to 3.3.20).
#pragma once

#include "strata/7_application/nfs/v3/message.hpp"

namespace strata::application::nfs::v3 {

struct ReaddirArguments {
    Handle folder;
    std::uint64_t cookie = 0;
    Verifier verifier{};
    std::uint32_t count = 0;  // bytes of the results
    [[nodiscard]] auto handles() const { return std::array{&folder}; }
    static void fields(auto& codec, auto& self) { codec(self.folder, self.cookie, self.verifier, self.count); }
};
// entry3.
struct Entry {
    std::uint64_t fileid = 0;
    Name name;
    std::uint64_t cookie = 0;
    static void fields(auto& codec, auto& self) { codec(self.fileid, self.name, self.cookie); }
};
struct ReaddirResults {
    Status status = Status::ok;
    PostAttributes folder;
    Verifier verifier{};
    xdr::Chain<Entry> entries;
    bool end = false;
    static void fields(auto& codec, auto& self) {
        codec(self.status, self.folder);
        if (self.status == Status::ok) codec(self.verifier, self.entries, self.end);
    }
};

struct ReaddirplusArguments {
    Handle folder;
    std::uint64_t cookie = 0;
    Verifier verifier{};
    std::uint32_t names_size = 0;  // dircount: bytes of fileids, names and cookies
    std::uint32_t count = 0;       // maxcount: of all
    [[nodiscard]] auto handles() const { return std::array{&folder}; }
    static void fields(auto& codec, auto& self) {
        codec(self.folder, self.cookie, self.verifier, self.names_size, self.count);
    }
};
// entryplus3.
struct EntryPlus {
    std::uint64_t fileid = 0;
    Name name;
    std::uint64_t cookie = 0;
    PostAttributes attributes;
    std::optional<Handle> object;
    static void fields(auto& codec, auto& self) {
        codec(self.fileid, self.name, self.cookie, self.attributes, self.object);
    }
};
struct ReaddirplusResults {
    Status status = Status::ok;
    PostAttributes folder;
    Verifier verifier{};
    xdr::Chain<EntryPlus> entries;
    bool end = false;
    static void fields(auto& codec, auto& self) {
        codec(self.status, self.folder);
        if (self.status == Status::ok) codec(self.verifier, self.entries, self.end);
    }
};

struct FsstatResults {
    Status status = Status::ok;
    PostAttributes attributes;
    std::uint64_t bytes = 0, bytes_free = 0, bytes_available = 0;
    std::uint64_t files = 0, files_free = 0, files_available = 0;
    std::uint32_t unchanged_for = 0;  // invarsec: seconds
    static void fields(auto& codec, auto& self) {
        codec(self.status, self.attributes);
        if (self.status == Status::ok)
            codec(self.bytes, self.bytes_free, self.bytes_available, self.files, self.files_free, self.files_available,
                  self.unchanged_for);
    }
};

struct FsinfoResults {
    enum Property : std::uint32_t { links = 1, symbolic_links = 2, homogeneous = 8, can_set_time = 16 };
    Status status = Status::ok;
    PostAttributes attributes;
    std::uint32_t read_max = 0, read_preferred = 0, read_multiple = 1;
    std::uint32_t write_max = 0, write_preferred = 0, write_multiple = 1;
    std::uint32_t folder_preferred = 0;
    std::uint64_t file_size_max = 0;
    Time time_step;
    std::uint32_t properties = 0;
    static void fields(auto& codec, auto& self) {
        codec(self.status, self.attributes);
        if (self.status == Status::ok)
            codec(self.read_max, self.read_preferred, self.read_multiple, self.write_max, self.write_preferred,
                  self.write_multiple, self.folder_preferred, self.file_size_max, self.time_step, self.properties);
    }
};

struct PathconfResults {
    Status status = Status::ok;
    PostAttributes attributes;
    std::uint32_t links_max = 0, name_max = name_size_max;
    bool no_truncation = true, chown_restricted = true, case_insensitive = false, case_preserving = true;
    static void fields(auto& codec, auto& self) {
        codec(self.status, self.attributes);
        if (self.status == Status::ok)
            codec(self.links_max, self.name_max, self.no_truncation, self.chown_restricted, self.case_insensitive,
                  self.case_preserving);
    }
};

}  // namespace strata::application::nfs::v3
