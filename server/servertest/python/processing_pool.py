"""A server with a pool of processes, as the lab runs one."""

import multiprocessing

import lab


def work(listener, storage):
    while True:
        conn, _ = listener.accept()
        lab.serve(conn, storage)


if __name__ == "__main__":
    args = lab.arguments()
    with lab.listen(args) as listener:
        for _ in range(args.workers):
            multiprocessing.Process(target=work, args=(listener, args.storage), daemon=True).start()
        for worker in multiprocessing.active_children():
            worker.join()
