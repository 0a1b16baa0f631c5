"""A server with a pool of threads, as the lab runs one."""

from concurrent.futures import ThreadPoolExecutor

import lab

if __name__ == "__main__":
    args = lab.arguments()
    with lab.listen(args) as listener, ThreadPoolExecutor(args.workers) as pool:
        while True:
            conn, _ = listener.accept()
            pool.submit(lab.serve, conn, args.storage)
