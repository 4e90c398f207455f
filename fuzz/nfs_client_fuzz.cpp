// A whole NFS client, of version 3 or 4, on our own stack in virtual time, and a server of ours
// behind one that lies: of each reply the input says whether it goes through as it is,
// with other bytes in it, cut off, as another status, as bytes of the input alone,
// or not at all. What the client keeps as whole, when nothing was changed, is the
// file; what it lists are names, no more than the bound; it always ends.
// links: strata
#include <algorithm>

#include "fuzz/support/remote.hpp"
#include "strata/5_session/rpc/client/stream_client.hpp"
#include "strata/5_session/rpc/server/server.hpp"
#include "strata/7_application/nfs/client/remote/remote.hpp"
#include "strata/7_application/nfs/mount/message.hpp"
#include "strata/7_application/nfs/server.hpp"
#include "strata/7_application/nfs/v3/message.hpp"

using namespace strata;
using namespace strata::fuzz;

namespace {

namespace rpc = session::rpc;
namespace nfs = application::nfs;

constexpr std::size_t entries_max = 10;
constexpr std::string_view part = "0123456789";

const Folder& folder() {
    static const Folder made;
    return made;
}

// What becomes of the replies.
class Lies {
public:
    explicit Lies(std::string_view input) : input_(input) {}
    bool told = false;

    rpc::Reply pass(Bytes honest) {
        const unsigned what = input_.empty() ? 0 : next();
        std::string said(text_of(honest));
        told = told || what >= 96;
        if (what >= 240) return rpc::Reply::refused(rpc::Outcome::system_error);
        if (what >= 224) {
            static constexpr std::array<unsigned, 16> words{1,     2,     70,    10001, 10003, 10004, 10005, 10008,
                                                            10011, 10013, 10014, 10018, 10022, 10023, 10025, 10033};
            const unsigned status = words.at(what % words.size());
            // Of version 4 the whole's, which says nothing of its operations.
            said.assign(12, '\0');
            said[2] = static_cast<char>(status >> 8);
            said[3] = static_cast<char>(status & 0xff);
        } else if (what >= 192) {
            const std::size_t size = std::min<std::size_t>(next(), input_.size());
            said = input_.substr(0, size);
            input_.remove_prefix(size);
        } else if (what >= 96 && !said.empty()) {
            const std::size_t place = (next() * 256u + next()) % said.size();
            if (what % 4 == 0) said.resize(place);
            if (what % 4 != 0) said[place] = static_cast<char>(next());
        }
        said.resize((said.size() + 3) / 4 * 4, '\0');
        rpc::Body body;
        const Bytes bytes = bytes_of(said);
        body.head.assign(bytes.begin(), bytes.end());
        return rpc::Reply::of(std::move(body));
    }

private:
    unsigned next() {
        if (input_.empty()) return 0;
        const auto byte = static_cast<unsigned char>(input_.front());
        input_.remove_prefix(1);
        return byte;
    }
    std::string_view input_;
};

class Liar final : public rpc::Program {
public:
    Liar(std::uint32_t its_number, rpc::Client& behind, Lies& lies)
        : number_(its_number), honest_(behind), lies_(lies) {}
    [[nodiscard]] std::uint32_t number() const noexcept override { return number_; }
    [[nodiscard]] rpc::Versions versions() const noexcept override { return {3, 4}; }
    [[nodiscard]] bool is_idempotent(const rpc::Target& /*target*/) const noexcept override { return true; }
    [[nodiscard]] asio::awaitable<rpc::Reply> handle(const rpc::Call& call) override {
        rpc::Body arguments;
        arguments.head.assign(call.arguments.begin(), call.arguments.end());
        const rpc::Results results = co_await honest_.call(call.target, std::move(arguments));
        co_return lies_.pass(results.bytes());
    }

private:
    std::uint32_t number_;
    rpc::Client& honest_;
    Lies& lies_;
};

asio::awaitable<void> change(application::Remote& remote) {
    (void)co_await remote.make_folder("/made");
    co_await remote.rename("/made", "/folder/made");
    co_await remote.remove("/folder/made");
    (void)co_await remote.stat("/way/a");
}

void write_files(const std::string& content) {
    std::error_code ignored;
    std::filesystem::remove_all(folder().path, ignored);
    folder().write("served/file", content);
    for (const char* name : {"a", "b", "c"}) folder().write("served/folder/" + std::string(name), name);
    std::filesystem::create_symlink("folder", folder().path / "served/way");
    folder().write("local", content);
}

nfs::NfsOptions small_options() {
    nfs::NfsOptions options;
    options.credentials = rpc::AuthSys{};
    options.in_flight_max = 3;
    options.data_max = 700;
    options.commit_bytes = 2000;
    options.links_max = 3;
    options.steps_max = 20;
    options.recoveries_max = 2;
    options.grace_wait_max = 1min;
    options.names_at_once_max = 2;
    return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size < 1 || size > 2048) return 0;
    const unsigned what = bytes[0] % 5;
    const std::string content(5000, 'p');
    write_files(content);
    const std::filesystem::path target = folder().path / "got";
    if (what == 1) {
        folder().write("got.part", std::string(part));
        folder().write("got.part.version", "nfs-0-0-0.0-0.0\n\n5000\n");
    }
    Lies lies(std::string_view(reinterpret_cast<const char*>(bytes + 1), size - 1));
    std::string failure;
    {
        Pair pair;
        host::Host& behind = pair.lab.add_host("behind");
        pair.lab.join(pair.server, "10.0.1.2/24", behind, "10.0.1.3/24");
        const auto root =
            application::FileRoot::open((folder().path / "served").string(), {.rights = application::FileRights::all});
        nfs::ServerOptions serving;
        serving.key = nfs::HandleKey(nfs::HandleKey::Secret{std::byte{1}});
        serving.sync = serving.aside = false;
        nfs::Server honest(behind.network(), *root, serving);
        session::error_code error;
        (void)honest.start({Ipv4Address{10, 0, 1, 3}, 2049}, error);
        auto forwarding = std::make_unique<rpc::StreamClient>(pair.server.network(),
                                                              session::Address(Ipv4Address{10, 0, 1, 3}, 2049));
        rpc::Server liar(pair.server.network());
        for (const std::uint32_t number : {nfs::v3::program_number, nfs::mount::program_number})
            liar.add(std::make_shared<Liar>(number, *forwarding, lies));
        (void)liar.start({Ipv4Address{10, 0, 0, 2}, 2049}, error);
        require(!error);
        application::RemoteOptions options;
        options.entries_max = entries_max;
        options.nfs = small_options();
        const bool datagrams = (bytes[0] & 64) != 0, version4 = (bytes[0] & 128) != 0;
        const application::Url url{.scheme = "nfs",
                                   .host = "10.0.0.2",
                                   .port = 2049,
                                   .target = "/",
                                   .parameters = version4    ? "version=4"
                                                 : datagrams ? "transport=udp"
                                                             : ""};
        bool ended = false;
        const auto end = [&](std::exception_ptr failed) {
            ended = true;
            try {
                if (failed) std::rethrow_exception(failed);
            } catch (const std::exception& thrown) {
                failure = thrown.what();
                require(!failure.empty());
            }
        };
        {
            nfs::NfsRemote remote(pair.client.network(), url, options);
            application::OutputFile out(target, {.resume = what == 1});
            application::InputFile in(folder().path / "local");
            if (what < 2) asio::co_spawn(pair.lab.io(), fetch(remote, out), end);
            if (what == 2) asio::co_spawn(pair.lab.io(), list(remote, entries_max), end);
            if (what == 3) asio::co_spawn(pair.lab.io(), remote.write("/new", in, {}, {}), end);
            if (what == 4) asio::co_spawn(pair.lab.io(), change(remote), end);
            pair.lab.run_for(10h);
            require(ended);
        }
        liar.abort();
        pair.lab.run_for(1h);
        forwarding.reset();
        honest.abort();
        pair.lab.run_for(1h);
    }
    require((failure.empty() && what < 2) == std::filesystem::exists(target));
    if (lies.told) return 0;
    require(failure.empty());
    if (what < 2) require(folder().read("got") == content);
    if (what == 3) require(folder().read("served/new") == content);
    return 0;
}
