// Our client of NFS and our server, in the lab.
//
//     client 10.0.0.1 ── cable ── server 10.0.0.2, port 2049, TCP and UDP
#pragma once

#include "strata/7_application/nfs/client/remote/remote.hpp"
#include "tests/7_application/nfs/bench.hpp"

namespace strata::application::nfs {

// What a client does with a server, in virtual time.
struct RemoteUser {
    RemoteUser(test::ServedFolder& where, std::string parameters = {}, std::uint16_t port = server_port) : at(where) {
        options.nfs.credentials = session::rpc::AuthSys{.machine_name = "client", .uid = 7, .gid = 8};
        options.client.on_notice = [this](const std::string& notice) { notices += notice + "\n"; };
        url = Url{.scheme = "nfs",
                  .host = "10.0.0.2",
                  .port = port,
                  .port_is_given = port != server_port,
                  .target = "/",
                  .parameters = std::move(parameters)};
        begin();
    }
    void begin() { remote.emplace(at.client.network(), url, options); }

    // Bytes; or why not, in angle brackets.
    std::string get(const std::string& target) {
        OutputFile out(at.folder.path() / "here", {.force = true});
        const std::string failure = at.failure_of(remote->read(target, out, {}), patience);
        if (!failure.empty()) return "<" + failure + ">";
        out.commit();
        return at.folder.read("here");
    }
    std::string list(const std::string& target) {
        std::vector<RemoteEntry> entries;
        const std::string failure = at.failure_of(keep(remote->list(target), entries), patience);
        if (!failure.empty()) return "<" + failure + ">";
        std::ranges::sort(entries, {}, &RemoteEntry::name);
        std::string text;
        for (const RemoteEntry& entry : entries) text += written(entry) + " ";
        return text;
    }
    std::string stat(const std::string& target) {
        RemoteEntry entry;
        const std::string failure = at.failure_of(keep(remote->stat(target), entry), patience);
        return failure.empty() ? written(entry) : "<" + failure + ">";
    }
    // Why it failed, or nothing.
    std::string put(const std::string& target, const std::string& bytes, WriteOptions how = {}) {
        at.folder.write("mine", bytes);
        InputFile in(at.folder.path() / "mine");
        return at.failure_of(remote->write(target, in, how, {}), patience);
    }
    std::string remove(const std::string& target) { return at.failure_of(remote->remove(target), patience); }
    std::string rename(const std::string& from, const std::string& to) {
        return at.failure_of(remote->rename(from, to), patience);
    }
    std::string make_folder(const std::string& target) {
        bool made = false;
        const std::string failure = at.failure_of(keep(remote->make_folder(target), made), patience);
        return failure.empty() ? (made ? "made" : "there") : failure;
    }

    template <typename Result>
    static session::asio::awaitable<void> keep(session::asio::awaitable<Result> task, Result& into) {
        into = co_await std::move(task);
    }
    static std::string written(const RemoteEntry& entry) {
        using enum RemoteEntry::Kind;
        const std::string size = entry.size ? ":" + std::to_string(*entry.size) : "";
        return entry.name + size +
               (entry.kind == folder  ? "/"
                : entry.kind == link  ? "@"
                : entry.kind == other ? "?"
                                      : "");
    }

    test::ServedFolder& at;
    RemoteOptions options;
    Url url;
    std::string notices;
    Duration patience = 10min;
    std::optional<NfsRemote> remote;
};

// Served from a folder beneath, so that what is fetched and put stays outside.
inline std::string bytes_of_length(std::size_t size, unsigned seed = 1) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<char>((i * 2654435761u + seed * 40503u + (i >> 11)) >> 7 & 0xff);
    return bytes;
}

}  // namespace strata::application::nfs
