"""A LangChain agent with a tool. It knows nothing of telemetry; argv[1] is the endpoint of its model."""

import sys

from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI


@tool
def count_albums(artist: str) -> int:
    """How many albums an artist has."""
    return len(artist)


if __name__ == "__main__":
    model = ChatOpenAI(model="offline", base_url=sys.argv[1], api_key="unused", max_retries=0)
    agent = create_agent(model, [count_albums], name="counter")
    result = agent.invoke({"messages": [{"role": "user", "content": "How many albums has Queen?"}]})
    print(result["messages"][-1].content)
