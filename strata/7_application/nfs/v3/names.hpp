// Arguments and results of the procedures about names and attributes (RFC 1813 3.3.1 to 3.3.5,
// 3.3.8 to 3.3.15).
#pragma once

#include "strata/7_application/nfs/v3/message.hpp"

namespace strata::application::nfs::v3 {

struct GetattrResults {
    Status status = Status::ok;
    Attributes attributes;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status::ok) codec(self.attributes);
    }
};

struct SetattrArguments {
    Handle object;
    NewAttributes attributes;
    std::optional<Time> guard;  // sattrguard3: only if this is its ctime
    [[nodiscard]] auto handles() const { return std::array{&object}; }
    static void fields(auto& codec, auto& self) { codec(self.object, self.attributes, self.guard); }
};

// Of LOOKUP, REMOVE, RMDIR.
struct PlaceArguments {
    Place place;
    [[nodiscard]] auto handles() const { return std::array{&place.folder}; }
    static void fields(auto& codec, auto& self) { codec(self.place); }
};
struct LookupResults {
    Status status = Status::ok;
    Handle object;
    PostAttributes attributes, folder;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status::ok) codec(self.object, self.attributes);
        codec(self.folder);
    }
};

struct AccessArguments {
    static constexpr std::uint32_t read = 1, lookup = 2, modify = 4, extend = 8, delete_entry = 16, execute = 32;
    Handle object;
    std::uint32_t asked = 0;
    [[nodiscard]] auto handles() const { return std::array{&object}; }
    static void fields(auto& codec, auto& self) { codec(self.object, self.asked); }
};
struct AccessResults {
    Status status = Status::ok;
    PostAttributes attributes;
    std::uint32_t granted = 0;
    static void fields(auto& codec, auto& self) {
        codec(self.status, self.attributes);
        if (self.status == Status::ok) codec(self.granted);
    }
};

struct ReadlinkResults {
    Status status = Status::ok;
    PostAttributes attributes;
    xdr::Text<> text;
    static void fields(auto& codec, auto& self) {
        codec(self.status, self.attributes);
        if (self.status == Status::ok) codec(self.text);
    }
};

struct CreateArguments {
    enum class How : std::uint32_t { unchecked, guarded, exclusive };  // createmode3
    friend constexpr bool declared(How value) noexcept { return value <= How::exclusive; }
    Place place;
    How how = How::unchecked;
    NewAttributes attributes;
    Verifier verifier{};
    [[nodiscard]] auto handles() const { return std::array{&place.folder}; }
    static void fields(auto& codec, auto& self) {
        codec(self.place, self.how);
        if (self.how == How::exclusive) return codec(self.verifier);
        codec(self.attributes);
    }
};
struct MkdirArguments {
    Place place;
    NewAttributes attributes;
    [[nodiscard]] auto handles() const { return std::array{&place.folder}; }
    static void fields(auto& codec, auto& self) { codec(self.place, self.attributes); }
};
struct SymlinkArguments {
    Place place;
    NewAttributes attributes;
    xdr::Text<> text;
    [[nodiscard]] auto handles() const { return std::array{&place.folder}; }
    static void fields(auto& codec, auto& self) { codec(self.place, self.attributes, self.text); }
};
struct MknodArguments {
    Place place;
    FileType type = FileType::fifo;
    NewAttributes attributes;
    DeviceNumbers device;
    [[nodiscard]] auto handles() const { return std::array{&place.folder}; }
    static void fields(auto& codec, auto& self) {
        codec(self.place, self.type);
        switch (self.type) {
            case FileType::block_device:
            case FileType::character_device: return codec(self.attributes, self.device);
            case FileType::socket:
            case FileType::fifo: return codec(self.attributes);
            default: return;
        }
    }
};
// Of CREATE, MKDIR, SYMLINK, MKNOD.
struct CreateResults {
    Status status = Status::ok;
    std::optional<Handle> object;
    PostAttributes attributes;
    WeakCacheData folder;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status::ok) codec(self.object, self.attributes);
        codec(self.folder);
    }
};

struct RenameArguments {
    Place from, to;
    [[nodiscard]] auto handles() const { return std::array{&from.folder, &to.folder}; }
    static void fields(auto& codec, auto& self) { codec(self.from, self.to); }
};
struct RenameResults {
    Status status = Status::ok;
    WeakCacheData from, to;
    static void fields(auto& codec, auto& self) { codec(self.status, self.from, self.to); }
};

struct LinkArguments {
    Handle object;
    Place to;
    [[nodiscard]] auto handles() const { return std::array{&object, &to.folder}; }
    static void fields(auto& codec, auto& self) { codec(self.object, self.to); }
};
struct LinkResults {
    Status status = Status::ok;
    PostAttributes attributes;
    WeakCacheData folder;
    static void fields(auto& codec, auto& self) { codec(self.status, self.attributes, self.folder); }
};

}  // namespace strata::application::nfs::v3
