#include "strata/7_application/serving/aside.hpp"

#include <boost/asio/thread_pool.hpp>
#include <exception>

namespace strata::application {

namespace asio = session::asio;

Aside::Aside(asio::execution_context& context) : service(context) {}
Aside::~Aside() = default;

Aside& Aside::of(const asio::any_io_executor& executor) {
    return asio::use_service<Aside>(asio::query(executor, asio::execution::context));
}

void Aside::start(Kind kind, std::shared_ptr<Chore> chore, session::WaitHandler handler) {
    auto& thread = threads_.at(static_cast<std::size_t>(kind));
    try {
        if (!thread) thread = std::make_unique<asio::thread_pool>(1);
    } catch (const boost::system::system_error&) {
        chore->do_it();
        return handler.complete({});
    }
    asio::post(*thread, [chore = std::move(chore), handler = std::move(handler)]() mutable {
        try {
            chore->do_it();
        } catch (const std::exception&) {
            // Out of memory, say: whoever waits finds it undone.
        }
        chore.reset();
        handler.complete({});
    });
}

void Aside::shutdown() noexcept {
    for (auto& thread : threads_) {
        if (thread) thread->stop();
        thread.reset();  // waits for what it does just now
    }
}

}  // namespace strata::application
