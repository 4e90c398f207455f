// A whole NFS server on our own stack in virtual time, with small bounds, over a folder of its own:
// one client over TCP and one over UDP say what the input has, with handles of files that are there
// in front of it, or raw. Every reply is one, what is hidden or outside is never said and never
// changed, nobody fills more than the bounds, and in the end nothing is left.
// links: strata
#include <fcntl.h>

#include <array>

#include "fuzz/support/application.hpp"
#include "fuzz/support/nfs4.hpp"
#include "strata/5_session/rpc/message/words.hpp"
#include "strata/5_session/rpc/record/record_reader.hpp"
#include "strata/7_application/nfs/mount/message.hpp"
#include "strata/7_application/nfs/server.hpp"
#include "strata/7_application/nfs/v3/message.hpp"

using namespace strata;
using namespace strata::fuzz;

namespace {

namespace rpc = session::rpc;
namespace nfs = application::nfs;

constexpr std::size_t places_max = 4, mounts_max = 2, owners_max = 4, opens_max = 3, locks_max = 4;

nfs::ServerOptions small_bounds() {
    nfs::ServerOptions options;
    options.key = nfs::HandleKey(nfs::HandleKey::Secret{std::byte{1}});
    options.tree = {.places_max = places_max, .searched_max = 50, .strays_max = 2, .depth_max = 5};
    options.listing = {.names_max = 3, .listings_max = 1, .listing_reply_max = 400};
    options.data_max = 300;
    options.datagram_data_max = 100;
    options.mounts_max = mounts_max;
    options.created_max = 1;
    options.state.clients_max = 2;
    options.state.owners_max = owners_max;
    options.state.owners_per_client_max = 3;
    options.state.opens_max = opens_max;
    options.state.locks_max = locks_max;
    options.state.operations_max = 8;
    options.state.tag_max = 16;
    options.sync = options.aside = false;
    options.rpc.record = {.record_max = 3000, .fragments_max = 4};
    return options;
}

void check_reply(Bytes message) {
    require(rpc::parse_reply(message).has_value());
    require(!text_of(message).contains("SECRET"));
}

// Over TCP.
struct Mounted {
    explicit Mounted(session::Network& network) {
        network.async_connect({Ipv4Address{10, 0, 0, 2}, 2049},
                              [this](session::error_code error, session::Stream connected) {
                                  if (error) return;
                                  stream = std::move(connected);
                                  read();
                              });
    }
    Mounted(const Mounted&) = delete;
    Mounted& operator=(const Mounted&) = delete;
    void say(const std::vector<std::byte>& call) {
        std::vector<std::byte> record;
        rpc::append_word(record, 0x8000'0000u | static_cast<std::uint32_t>(call.size()));
        record.insert(record.end(), call.begin(), call.end());
        session::error_code ignored;
        if (stream.is_open()) (void)stream.write_now(asio::buffer(record), ignored);
    }
    void read() {
        stream.async_read_some(asio::buffer(buffer), [this](session::error_code error, std::size_t size) {
            for (Bytes bytes = Bytes(buffer).first(size); !bytes.empty();) {
                const auto whole = replies.feed(bytes);
                require(whole.has_value());
                if (!*whole) continue;
                const rpc::Record reply = replies.take();
                check_reply(reply.bytes());
                known.hear(reply.bytes());
            }
            if (!error) read();
        });
    }
    session::Stream stream;
    Known4 known;
    rpc::RecordReader replies;
    std::array<std::byte, 4096> buffer{};
};

// Over UDP.
struct Asking {
    explicit Asking(session::Network& network) : socket(network.open_datagram({Ipv4Address{}, 700})) { receive(); }
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;
    void say(const std::vector<std::byte>& call) {
        const Bytes datagram = call;
        socket.send_at_once({&datagram, 1}, {Ipv4Address{10, 0, 0, 2}, 2049});
    }
    void receive() {
        socket.async_receive_from(asio::buffer(buffer),
                                  [this](session::error_code error, std::size_t size, const session::Address&) {
                                      if (error) return;
                                      check_reply(Bytes(buffer).first(size));
                                      receive();
                                  });
    }
    session::Datagram socket;
    std::array<std::byte, 4096> buffer{};
};

void append_text(std::vector<std::byte>& to, std::string_view text) {
    const Bytes bytes = bytes_of(text);
    to.insert(to.end(), bytes.begin(), bytes.end());
}

// A handle in front, of a file that was there at the beginning; or none.
void append_handle(std::vector<std::byte>& to, const Folder& folder, unsigned which) {
    constexpr std::array<const char*, 5> names{"served", "served/a.txt", "served/sub", "served/out", "served/.hidden"};
    if (which >= names.size()) return;
    const auto seen = nfs::look_in(AT_FDCWD, folder.path / names.at(which));
    if (!seen) return;
    const nfs::Handle handle = small_bounds().key->seal(seen->id);
    const Bytes bytes = handle.bytes();
    rpc::append_word(to, static_cast<std::uint32_t>(bytes.size()));
    to.insert(to.end(), bytes.begin(), bytes.end());
}

// A handle of a file that was there at the beginning; or none.
std::vector<std::byte> handle_of(const Folder& folder, unsigned which) {
    std::vector<std::byte> sized;
    append_handle(sized, folder, which);
    return sized.empty() ? sized : std::vector<std::byte>(sized.begin() + 4, sized.end());
}

// A client that is confirmed, with a file that is open and confirmed,
// and a lock: where the rights are there for it.
void introduce(Mounted& mounted, const Folder& folder, lab::VirtualLab& lab) {
    using namespace std::string_view_literals;
    const std::vector<std::byte> handle = handle_of(folder, 1);
    const std::pair<std::uint32_t, std::string_view> said[] = {
        {1, "\x23\0\0\xf3\0\xf3\xf3\0"sv},                                  // SETCLIENTID
        {1, "\x24\xf0\xf6"sv},                                              // SETCLIENTID_CONFIRM
        {2, "\x18\x12\x01\x03\0\xf0\xf3\0\0\xf4"sv},                        // PUTROOTFH, OPEN to read and write
        {2, "\x16\xf5\x14\xf1\x02\x02"sv},                                  // PUTFH, OPEN_CONFIRM
        {2, "\x16\xf5\x0c\x02\0\0\0\0\x05\x01\x03\xf1\x02\x01\xf0\xf3"sv},  // PUTFH, LOCK
    };
    std::uint32_t xid = 0x4000'0000;
    for (const auto& [count, text] : said) {
        std::vector<std::byte> call;
        rpc::append_call_header(call, ++xid, {nfs::v4::program_number, 4, 1}, {});
        const auto arguments = compound4(count, text, mounted.known, handle);
        call.insert(call.end(), arguments.begin(), arguments.end());
        mounted.say(call);
        lab.run_for(100ms);
    }
}

// A piece: how it is said, which procedure, which handle, how many bytes behind it, those bytes.
void serve(std::string_view input, application::FileRights rights) {
    const Folder folder;
    folder.write("outside", "SECRET");
    write_served(folder, "served/");
    folder.write("served/sub/b", "b");
    Pair pair;
    const application::FileRoot root = *application::FileRoot::open(folder.path / "served", {.rights = rights});
    {
        nfs::Server server(pair.server.network(), root, small_bounds());
        session::error_code error;
        (void)server.start({Ipv4Address{}, 2049}, error);
        require(!error);
        Mounted mounted(pair.client.network());
        Asking asking(pair.client.network());
        pair.lab.run_for(1s);
        introduce(mounted, folder, pair.lab);
        if (rights == application::FileRights::all) require(server.held().opens == 1 && server.held().locks == 2);
        for (std::uint32_t xid = 1; input.size() >= 4; ++xid) {
            const auto how = static_cast<unsigned char>(input[0]);
            const auto procedure = static_cast<unsigned char>(input[1]);
            const auto which = static_cast<unsigned char>(input[2]);
            const std::string_view rest = input.substr(4, static_cast<unsigned char>(input[3]));
            input.remove_prefix(4 + rest.size());
            std::vector<std::byte> call;
            if ((how & 32u) != 0) pair.lab.run_for(40s);
            if ((how & 16u) != 0) {  // version 4: the procedure says how many operations
                rpc::append_call_header(call, (how & 4u) != 0 ? 7 : xid, {nfs::v4::program_number, 4, 1}, {});
                const auto arguments = compound4(procedure, rest, mounted.known, handle_of(folder, which));
                call.insert(call.end(), arguments.begin(), arguments.end());
                mounted.say(call);
                pair.lab.run_for(100ms);
                const nfs::Server::Held held = server.held();
                require(held.clients <= 2 && held.owners <= owners_max);
                require(held.opens <= opens_max && held.locks <= locks_max);
                continue;
            }
            const std::uint32_t program = (how & 2u) != 0 ? nfs::mount::program_number : nfs::v3::program_number;
            rpc::append_call_header(call, (how & 4u) != 0 ? 7 : xid, {program, 3, procedure}, {});
            append_handle(call, folder, which);
            append_text(call, rest);
            // A second handle, as RENAME and LINK have.
            if ((how & 8u) != 0) append_handle(call, folder, which / 16);
            if ((how & 8u) != 0) append_text(call, rest);
            if ((how & 1u) != 0) asking.say(call);
            if ((how & 1u) == 0) mounted.say(call);
            pair.lab.run_for(100ms);
            require(server.places() <= places_max);
            require(server.mounts() <= mounts_max);
        }
        mounted.stream.close();
        asking.socket.close();
        server.abort();
        pair.lab.run_for(10s);
    }
    require(folder.read("outside") == "SECRET");
    require(folder.read("served/.hidden") == "SECRET");
    if (rights == application::FileRights::read) require(folder.read("served/a.txt") == "some text\n");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 4096) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    serve(input, application::FileRights::read);
    serve(input, application::FileRights::add);
    serve(input, application::FileRights::all);
    return 0;
}
