#include "strata/5_session/datagram.hpp"

#include "strata/5_session/asio/translated.hpp"

namespace strata::session {

void DatagramImplementation::start_receive_burst(DatagramBurst& into, WaitHandler handler) {
    into.clear();
    const MutableBytes room = into.place(0);
    const auto executor = handler.get_executor();
    auto complete = [&into](WaitHandler to, error_code error, std::size_t size, Address from) {
        if (!error) into.add(size, std::move(from));
        to(error);
    };
    start_receive(asio::buffer(room.data(), room.size()),
                  ReceiveHandler{Translated{std::move(handler), std::move(complete)}, executor});
}

}  // namespace strata::session
