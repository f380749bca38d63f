"""A FastAPI app that asks a model through the OpenAI client. It knows nothing of telemetry; argv[1] is the endpoint."""

import socket
import sys
import threading
import urllib.request

import uvicorn
from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI(base_url=sys.argv[1], api_key="unused", max_retries=0)


@app.get("/ask")
def ask(question: str) -> dict[str, str]:
    answer = client.chat.completions.create(model="offline-sql", messages=[{"role": "user", "content": question}])
    return {"answer": str(answer.choices[0].message.content)}


if __name__ == "__main__":
    bound = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    with urllib.request.urlopen(f"http://127.0.0.1:{bound.getsockname()[1]}/ask?question=hello") as answer:
        print(answer.read().decode())
    server.should_exit = True
    thread.join()
