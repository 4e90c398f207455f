// The plain download protocol, both sides, on our own stack in virtual time: a server that is asked
// what the input has, and a client that is given it, with a part or without one.
// links: strata
#include "fuzz/support/application.hpp"
#include "strata/7_application/plain/client.hpp"
#include "strata/7_application/plain/server.hpp"

using namespace strata;
using namespace strata::fuzz;

namespace {

const Folder& folder() {
    static const Folder made = [] {
        Folder folder;
        write_served(folder, "served/");
        return folder;
    }();
    return made;
}

asio::awaitable<void> ask(Pair& pair, std::string_view input, std::string& heard) {
    session::Stream stream = co_await pair.client.network().async_connect(
        session::Address{Ipv4Address{10, 0, 0, 2}, 8080}, asio::use_awaitable);
    co_await say(pair.client.network(), stream, input, heard);
}

void serve(std::string_view input) {
    Pair pair;
    const application::FileRoot root = *application::FileRoot::open(folder().path / "served");
    application::plain::Server server(pair.server.network(), root);
    server.start(pair.server.network().listen({Ipv4Address{}, 8080}));
    std::string heard;
    asio::co_spawn(pair.lab.io(), ask(pair, input, heard), [](std::exception_ptr) {});
    pair.lab.run_for(10min);
    require(server.active() == 0);
    require(heard.empty() || heard == "some text\n");
}

asio::awaitable<void> answer(Pair& pair, session::Acceptor& acceptor, std::string_view input) {
    session::Stream stream = co_await acceptor.async_accept(asio::use_awaitable);
    std::string asked;
    co_await say(pair.server.network(), stream, input, asked);
    require(asked == "name\n" || asked == "name");
}

asio::awaitable<void> fetch(Pair& pair, application::OutputFile& out) {
    co_await application::plain::fetch(pair.client.network(), "10.0.0.2", 8080, "name", "UTF-8", out, {}, {});
    out.commit();
}

// What is kept as whole is what was said, whatever was there before.
void be_served(std::string_view input, bool resume) {
    const std::filesystem::path target = folder().path / "got";
    for (const char* name : {"got", "got.part"}) std::filesystem::remove(folder().path / name);
    if (resume) folder().write("got.part", "0123456789");
    Pair pair;
    bool well = false;
    {
        application::OutputFile out(target, {.resume = resume});
        session::Acceptor acceptor = pair.server.network().listen({Ipv4Address{}, 8080});
        asio::co_spawn(pair.lab.io(), answer(pair, acceptor, input), [](std::exception_ptr) {});
        bool ended = false;
        asio::co_spawn(pair.lab.io(), fetch(pair, out), [&](std::exception_ptr failed) {
            ended = true;
            well = !failed;
        });
        pair.lab.run_for(all_is_said);
        require(ended);
    }
    require(well == std::filesystem::exists(target));
    require(!well || folder().read("got") == all_pieces(input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || size > 4096) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
    if ((data[0] & 1) != 0) {
        serve(input);
    } else {
        be_served(input, (data[0] & 2) != 0);
    }
    return 0;
}
